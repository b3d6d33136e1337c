"""接收经办服务大厅的交换文件并落地。

- 何时：文件到齐后数秒之内。
  先从通道取来全部到齐的文件，再每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：Airflow 资产 `landing/service_windows`；每个文件落地为一个不可更改的批次，并按来文格式给出回执。
- 失败：被拒收的文件连同原因移入 `refused/service_windows/`，其余文件照常落地。
  任务失败，请按原因联系经办服务大厅综合科重新发送。
"""

from dags.exchange_dag import ingest_dag

ingest_service_windows = ingest_dag("service_windows", "经办服务大厅", __doc__)
