"""发布个人权益记录单：最近一个已结息年度，每位有个人账户的参保人一页。

- 何时：数仓发布后；内容未变的批次不重印。补印某一年时，触发并填写 `year`。
- 产出：`statements/<年>/` 的印刷批次与清单，资产 `statements`。
- 失败：已写成的批次保留，重跑从未完成的批次继续；缺字形的姓名不印，列入 held.csv。
"""

import pendulum
from airflow.sdk import Asset, Param, dag, task


@dag(
    dag_display_name="发布：个人权益记录单",
    schedule=[Asset("warehouse")],
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    params={"year": Param(None, type=["null", "integer"], minimum=2016, title="账户年度")},
    default_args={"owner": "权益记录处", "retries": 0},
    tags=["发布"],
    doc_md=__doc__,
)
def publish_rights_statements():
    @task(task_display_name="确定账户年度")
    def choose_year(params: dict) -> int:
        from reports.rights_statement.statements import choose_year

        return choose_year(params["year"])

    @task(task_display_name="印制记录单", outlets=[Asset("statements")])
    def publish(year: int) -> str:
        from ingestion.settings import home
        from reports.rights_statement.statements import publish

        return str(publish(year, home() / "statements" / str(year)))

    publish(choose_year())


publish_rights_statements()
