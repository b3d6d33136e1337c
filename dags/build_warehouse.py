"""把已落地的批次建成省级数仓，过质量门禁后发布。

- 何时：税务、财政、银行、核心系统的新批次都已落地时。
- 产出：资产 `warehouse`；读者在发布前看到的始终是上一版。
- 失败：已发布的数仓不变。质量门禁未通过时，失败的规则和全部问题行见质量页与隔离表，处理后清除失败任务重跑。
"""

import pendulum
from airflow.sdk import Asset, chain, dag, task

SOURCES = ("tax_bureau", "finance_bureau", "banks", "core_system")


@dag(
    dag_display_name="建数仓",
    schedule=[Asset(f"landing/{source}") for source in SOURCES],
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,  # one writer of the warehouse at a time
    default_args={"owner": "数据中心", "retries": 0},
    tags=["数仓"],
    doc_md=__doc__,
)
def build_warehouse():
    @task(task_display_name="构建")
    def build(step: str) -> str:
        from ingestion.build import build

        return build(step)

    @task(task_display_name="质量门禁")
    def check(stage: str) -> str:
        from expectations.gate import require

        return require(stage)

    chain(
        build.override(task_id="open", task_display_name="打开落地批次")("open"),
        check.override(task_id="check_landing", task_display_name="质量门禁：落地数据")("landing"),
        build.override(task_id="build_layers", task_display_name="逐层建模并检验")("layers"),
        check.override(task_id="check_marts", task_display_name="质量门禁：集市与报表")("marts"),
        build.override(task_id="publish", task_display_name="发布", outlets=[Asset("warehouse")])("publish"),
    )


build_warehouse()
