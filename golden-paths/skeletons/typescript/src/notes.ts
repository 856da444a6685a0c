/** The example feature: keeps short texts. Copy its shape, then delete it. */
import { randomUUID } from "node:crypto";
import type { FastifyPluginCallback } from "fastify";
import { z } from "zod";
import { Problem } from "./problem.ts";

export interface Note {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
}

export interface NoteStore {
  add(text: string): Promise<Note>;
  get(id: string): Promise<Note | undefined>;
  /** At most `limit` notes, the newest first. */
  newest(limit: number): Promise<Note[]>;
}

/** Keeps notes until the process ends. */
export function memoryNotes(now: () => Date = () => new Date()): NoteStore {
  const notes: Note[] = [];
  return {
    async add(text) {
      const note = { id: randomUUID(), text, createdAt: now().toISOString() };
      notes.unshift(note);
      return note;
    },
    async get(id) {
      return notes.find((note) => note.id === id);
    },
    async newest(limit) {
      return notes.slice(0, limit);
    },
  };
}

const NewNote = z.strictObject({ text: z.string().trim().min(1).max(2000) });
const Page = z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) });
const Path = z.object({ id: z.guid() });

/** The HTTP interface, as openapi.yaml describes it. */
export function noteRoutes(store: NoteStore): FastifyPluginCallback {
  return (app, _options, done) => {
    app.get("/api/v1/notes", async (request) => {
      const { limit } = Page.parse(request.query);
      return { items: await store.newest(limit) };
    });

    app.post("/api/v1/notes", async (request, reply) => {
      const { text } = NewNote.parse(request.body);
      const note = await store.add(text);
      return reply.code(201).header("location", `/api/v1/notes/${note.id}`).send(note);
    });

    app.get("/api/v1/notes/:id", async (request) => {
      const { id } = Path.parse(request.params);
      const note = await store.get(id);
      if (!note) throw new Problem(404, "There is no such note");
      return note;
    });
    done();
  };
}
