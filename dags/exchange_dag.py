"""The shape that the ingest DAGs share: take what has arrived, receive each feed, announce, answer the sender."""

import pendulum
from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, AssetWatcher, CronTriggerTimetable, chain, dag, task

from ingestion.arrival_trigger import ArrivalTrigger
from ingestion.feed_spec import feeds_of

ZONE = "Asia/Shanghai"


def arrivals(source: str) -> Asset:
    """Return the asset that stands for complete files waiting in a source's channel; a trigger watches it."""
    watcher = AssetWatcher(name=f"{source}_arrivals", trigger=ArrivalTrigger(source))
    return Asset(f"arrivals/{source}", watchers=[watcher])


def ingest_dag(source: str, title: str, doc: str, clock: str | None = None, *, by_hand: bool = False) -> DAG:
    """Return the DAG that takes a source's files in: when something complete arrives, and at `clock` (cron) as well."""
    waiting = arrivals(source)
    schedule = [waiting]
    if clock:
        schedule = AssetOrTimeSchedule(assets=[waiting], timetable=CronTriggerTimetable(clock, timezone=ZONE))

    @dag(
        dag_id=f"ingest_{source}",
        dag_display_name=f"接收：{title}",
        schedule=None if by_hand else schedule,
        start_date=pendulum.datetime(2016, 1, 1, tz=ZONE),
        catchup=False,
        max_active_runs=1,
        default_args={"owner": "数据中心", "retries": 0},  # a refused file does not improve by waiting
        tags=["接收"],
        doc_md=doc,
    )
    def ingest():
        @task(task_display_name="取来到齐的文件")
        def collect() -> int:
            from ingestion.channels import collect

            return len(collect(source))

        # Whatever became of the channel, what lies in the inbox is received.
        @task(trigger_rule="all_done", map_index_template="{{ feed }}", task_display_name="接收并落地")
        def receive(feed: str) -> dict:
            from ingestion.receive import receive_inbox

            return receive_inbox(source, feed)

        @task(outlets=[Asset(f"landing/{source}")], task_display_name="全部接口已落地")
        def announce(received: list[dict]) -> int:
            # A feed with a refused file fails, and then nothing waits for half a source.
            return require_files(received)

        @task(trigger_rule="all_done", task_display_name="送出回执")
        def deliver() -> list[str]:
            from ingestion.channels import deliver

            return deliver(source)

        collected, received = collect(), receive.expand(feed=feeds_of(source))
        announced = announce(received)
        chain(collected, [received, announced])
        chain(received, deliver())

    return ingest()


def require_files(received: list[dict]) -> int:
    """Return how many files a run received; skip the task when none, so that nothing is built from nothing new."""
    from airflow.sdk.exceptions import AirflowSkipException

    count = sum(feed["landed"] + feed["already_landed"] for feed in received)
    if not count:
        raise AirflowSkipException("没有收到文件")
    return count
