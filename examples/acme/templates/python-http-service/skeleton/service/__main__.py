import os

from service.http import serve

serve(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080")))
