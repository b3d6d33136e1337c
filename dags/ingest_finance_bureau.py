"""接收财政局的交换文件并落地。

- 何时：每月 3 日 07:00（北京时间）。每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：资产 `landing/finance_bureau`；每个文件落地为一个不可更改的批次。
- 失败：被拒收的文件连同原因移入 `refused/finance_bureau/`，其余文件照常落地；任务失败，请联系省财政厅社会保障处重发。
"""

import pendulum
from airflow.sdk import Asset, dag, task

from ingestion.feed_spec import feeds_of


@dag(
    dag_display_name="接收：财政局",
    schedule="0 7 3 * *",
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "数据中心", "retries": 0},  # a refused file does not improve by waiting
    tags=["接收"],
    doc_md=__doc__,
)
def ingest_finance_bureau():
    @task(map_index_template="{{ feed }}", task_display_name="接收并落地")
    def receive(feed: str) -> dict:
        from ingestion.receive import receive_inbox

        return receive_inbox("finance_bureau", feed)

    @task(outlets=[Asset("landing/finance_bureau")], task_display_name="全部接口已落地")
    def announce(received: list[dict]) -> int:
        return len(received)  # a feed with a refused file fails, and then nothing waits for half a source

    announce(receive.expand(feed=feeds_of("finance_bureau")))


ingest_finance_bureau()
