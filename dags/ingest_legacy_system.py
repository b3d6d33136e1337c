"""接收原业务系统的交换文件并落地。

- 何时：并行期内人工触发。
  先从通道取来全部到齐的文件，再每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：Airflow 资产 `landing/legacy_system`；每个文件落地为一个不可更改的批次，并按来文格式给出回执。
- 失败：被拒收的文件连同原因移入 `refused/legacy_system/`，其余文件照常落地。
  任务失败，请按原因联系数据中心重新发送。
"""

from dags.exchange_dag import ingest_dag

ingest_legacy_system = ingest_dag("legacy_system", "原业务系统", __doc__, by_hand=True)
