"""接收待遇资格认证系统的交换文件并落地。

- 何时：文件到齐后数秒之内。
  先从通道取来全部到齐的文件，再每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：Airflow 资产 `landing/certification`；每个文件落地为一个不可更改的批次，并按来文格式给出回执。
- 失败：被拒收的文件连同原因移入 `refused/certification/`，其余文件照常落地。
  任务失败，请按原因联系社会化管理处重新发送。
"""

from dags.exchange_dag import ingest_dag

ingest_certification = ingest_dag("certification", "待遇资格认证系统", __doc__)
