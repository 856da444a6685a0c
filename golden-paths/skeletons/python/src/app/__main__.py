"""`python -m app`: serve until the process is told to stop, then finish what is open."""

import sys

import uvicorn
from pydantic import ValidationError

from app.logs import configure_logging
from app.main import create_app
from app.settings import Settings

# Less than terminationGracePeriodSeconds of the deployment.
GRACE_SECONDS = 25


def main() -> None:
    """Serve the application; a wrong setting ends the process with its name."""
    try:
        settings = Settings()
    except ValidationError as error:
        for problem in error.errors():
            name = "_".join(str(part) for part in problem["loc"]).upper()
            print(f"{name}: {problem['msg']}", file=sys.stderr)
        sys.exit(2)
    configure_logging(settings.log_level)
    uvicorn.run(
        create_app(settings),
        host="0.0.0.0",  # noqa: S104 - a container is reached through its own address
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
