"""接收12333公共服务平台的交换文件并落地。

- 何时：文件到齐后数秒之内。
  先从通道取来全部到齐的文件，再每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：Airflow 资产 `landing/public_service_platform`；每个文件落地为一个不可更改的批次，并按来文格式给出回执。
- 失败：被拒收的文件连同原因移入 `refused/public_service_platform/`，其余文件照常落地。
  任务失败，请按原因联系12333 平台信息中心重新发送。
"""

from dags.exchange_dag import ingest_dag

ingest_public_service_platform = ingest_dag("public_service_platform", "12333公共服务平台", __doc__)
