"""生成并送出我方文件：征缴计划（单位、个人明细）或发放报盘。

- 何时：人工触发，填写月份 `month`（如 2017-06，不填则为数仓里最近一个月）与接口 `feeds`。
- 产出：`outbox/<对方>/` 中的文件，同时落地为批次；再经通道送达对方。
- 失败：没有该月数据，或姓名无法按对方编码写出；已送出的文件不变，按信息处理后重跑。内容变了的月份重送即为重报。
"""

import pendulum
from airflow.sdk import Param, chain, dag, task

PLAN = ["tax_bureau/levy_plan_persons", "tax_bureau/levy_plan"]


@dag(
    dag_display_name="送出：征缴计划与发放报盘",
    schedule=None,
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    params={
        "month": Param(None, type=["null", "string"], pattern="^[0-9]{4}-[0-9]{2}$", title="月份"),
        "feeds": Param(PLAN, type="array", title="接口"),
    },
    default_args={"owner": "基金征缴处", "retries": 0},
    tags=["送出"],
    doc_md=__doc__,
)
def send_exchanges():
    @task(task_display_name="确定接口")
    def choose(params: dict) -> list[str]:
        return params["feeds"]

    @task(map_index_template="{{ feed }}", task_display_name="生成文件")
    def send(feed: str, params: dict) -> str:
        from ingestion.send import send_for

        return str(send_for(feed, params["month"]))

    @task(task_display_name="送达对方")
    def deliver() -> list[str]:
        from ingestion.channels import deliver

        return [name for counterpart in ("tax_bureau", "banks") for name in deliver(counterpart)]

    chain(send.expand(feed=choose()), deliver())


send_exchanges()
