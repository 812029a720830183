"""The assets that people look at, made of the generation that readers see: the report site and the exports.

Names, order and what the web UI shows. They come after publication: what goes wrong here leaves it as it is.
Not here: pages and files themselves (reports/).
"""

from collections.abc import Iterator

import dagster as dg

from pipelines.defs.faults import told_plainly
from pipelines.defs.pages import EXPORTS, OWNERS, PUBLISHED, REPORT, exports_page, report_page
from pipelines.defs.run import Run


@dg.asset(
    name=REPORT,
    description="The report: a folder of pages, replaced whole. It opens in a browser, without a network.",
    group_name="shown",
    owners=OWNERS,
    kinds={"html", "plotly"},
    deps=[PUBLISHED],
)
def report_site(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
    """Write the pages of the current generation."""
    with told_plainly(run):
        report = run.report()
    yield report_page(report)


@dg.asset(
    name=EXPORTS,
    description="The boards that `exports.toml` in the home asks for, as files: for a spreadsheet, a program, a page.",
    group_name="shown",
    owners=OWNERS,
    kinds={"csv", "parquet"},
    deps=[PUBLISHED],
    check_specs=[dg.AssetCheckSpec("written", asset=EXPORTS, description="Every configured export could be made.")],
)
def exports(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
    """Write the configured exports of the current generation."""
    with told_plainly(run):
        reports = run.export()
    yield exports_page(reports)
