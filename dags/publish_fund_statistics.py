"""发布基金统计：最近一个季度和最近一个年度的工作簿、CSV 与公报。

- 何时：数仓发布后。补发某一期时，触发并填写 `period`（如 2017Q2 或 2016）。
- 产出：`releases/<期>/`，资产 `releases/fund_statistics`。
- 失败：该期的旧版本不变；按错误信息处理后重跑。
"""

import pendulum
from airflow.sdk import Asset, Param, dag, task


@dag(
    dag_display_name="发布：基金统计",
    schedule=[Asset("warehouse")],
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    params={"period": Param(None, type=["null", "string"], pattern="^[0-9]{4}(Q[1-4])?$", title="统计期")},
    default_args={"owner": "统计处", "retries": 0},
    tags=["发布"],
    doc_md=__doc__,
)
def publish_fund_statistics():
    @task(task_display_name="确定统计期")
    def choose_periods(params: dict) -> list[str]:
        from reports.fund_statistics.periods import choose_periods

        return choose_periods(params["period"])

    @task(
        map_index_template="{{ period }}",
        task_display_name="发布统计",
        outlets=[Asset("releases/fund_statistics")],
    )
    def publish(period: str) -> str:
        from ingestion.settings import home
        from reports.fund_statistics.release import publish

        return str(publish(period, home() / "releases" / period))

    publish.expand(period=choose_periods())


publish_fund_statistics()
