"""核对全部交换文件：逐批复核，四方勾对。

- 何时：数仓发布后。
- 产出：资产 `reconciled`；明细用 `python -m ingestion audit` 与 `python -m ingestion tie` 查看。
- 失败：有缺号、批次与原文不符，或计划、到账、国库、财政专户、银行之间有差异。
  信息里逐项列出金额、账龄和文件行号，按项联系对方。
"""

import pendulum
from airflow.sdk import Asset, dag, task


@dag(
    dag_display_name="核对：交换文件",
    schedule=[Asset("warehouse")],
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "基金结算处", "retries": 0},
    tags=["核对"],
    doc_md=__doc__,
)
def reconcile_exchanges():
    @task(task_display_name="逐批复核")
    def audit() -> str:
        from ingestion.audit import require_clean

        return require_clean()

    @task(task_display_name="四方勾对", outlets=[Asset("reconciled")])
    def tie() -> str:
        from ingestion.tie import require_tied

        return require_tied()

    # Each says what it found, whatever the other found.
    audit()
    tie()


reconcile_exchanges()
