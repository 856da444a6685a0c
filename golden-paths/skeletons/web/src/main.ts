import { greeting } from "./greeting.ts";

const place = document.querySelector("#greeting");
if (place) place.textContent = greeting(new Date().getHours());
