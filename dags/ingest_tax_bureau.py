"""接收税务局的交换文件并落地。

- 何时：工作日 06:30（北京时间）。每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：资产 `landing/tax_bureau`；每个文件落地为一个不可更改的批次。
- 失败：被拒收的文件连同原因移入 `refused/tax_bureau/`，其余文件照常落地；任务失败，请按原因联系省税务局征收处重新发送。
"""

import pendulum
from airflow.sdk import Asset, dag, task

from ingestion.feed_spec import feeds_of


@dag(
    dag_display_name="接收：税务局",
    schedule="30 6 * * 1-5",
    start_date=pendulum.datetime(2016, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    max_active_runs=1,
    default_args={"owner": "数据中心", "retries": 0},  # a refused file does not improve by waiting
    tags=["接收"],
    doc_md=__doc__,
)
def ingest_tax_bureau():
    @task(map_index_template="{{ feed }}", task_display_name="接收并落地")
    def receive(feed: str) -> dict:
        from ingestion.receive import receive_inbox

        return receive_inbox("tax_bureau", feed)

    @task(outlets=[Asset("landing/tax_bureau")], task_display_name="全部接口已落地")
    def announce(received: list[dict]) -> int:
        return len(received)  # a feed with a refused file fails, and then nothing waits for half a source

    announce(receive.expand(feed=feeds_of("tax_bureau")))


ingest_tax_bureau()
