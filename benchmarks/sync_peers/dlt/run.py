"""dlt's REST source into duckdb: parquet, append, and flat, since its defaults are far slower."""

import os
import sys
import tempfile
import time

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.rest_api import rest_api_source


def main(url: str) -> None:
    source = rest_api_source(
        {
            "client": {"base_url": f"{url}/", "paginator": {"type": "header_link"}},
            "resources": [
                {
                    "name": "issues",
                    "max_table_nesting": 0,
                    "endpoint": {
                        "path": "repositories/1/issues",
                        "params": {"state": "all", "per_page": 100},
                    },
                }
            ],
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "issues",
            pipelines_dir=folder,
            destination=dlt.destinations.duckdb(f"{folder}/issues.duckdb"),
            dataset_name="github",
        )
        began = time.perf_counter()
        pipeline.run(source, write_disposition="append", loader_file_format="parquet")
        seconds = time.perf_counter() - began
        counts = pipeline.last_trace.last_normalize_info.row_counts
    sys.stdout.write(f'\n{{"items": {counts["issues"]}, "seconds": {seconds}}}\n')


main(sys.argv[1])
