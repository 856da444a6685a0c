# The state of the connection that keeps an open page true
live-on = Live
live-paused = Paused
live-paused-said = The connection is lost. The page shows what it knew and tries again by itself.
live-back-said = The connection is back. The page follows changes again.
