"""What was recorded once must still be asked for and read."""

from __future__ import annotations

from src.testing.bench import Bench, refuse, told
from src.testing.manifests import folder_of
from src.testing.recorded import FOLDER, Recording, RecordingError, recordings_of, replay


async def check_recordings(bench: Bench) -> None:
    """Every recording of the connector's folder, through its verb as it is today."""
    try:
        recordings = recordings_of(folder_of(bench.loaded))
    except RecordingError as error:
        refuse(f"{error}: record it anew with `python -m src.cli connector record`")
    for name, recording in recordings.items():
        await _check(bench, name, recording)


async def _check(bench: Bench, name: str, recording: Recording) -> None:
    verb, connector = recording.verb, bench.loaded.manifest.id
    try:
        await replay(bench.loaded, recording, token=bench.token)
    except RecordingError as error:
        refuse(
            f"{verb} does not fit {FOLDER}/{name}.json, {error}: record it anew with"
            f" `python -m src.cli connector record {connector} {verb}`, or take the file out"
        )
    except Exception as error:  # noqa: BLE001  whatever comes is what the check looks at
        refuse(
            f"{verb} cannot read {FOLDER}/{name}.json ({told(error)}): the"
            " provider did answer so once, so correct schemas.py or mapping.py"
        )
