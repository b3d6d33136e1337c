"""接收税务局的交换文件并落地。

- 何时：工作日 06:30（北京时间），以及对方文件到齐后数秒之内。
  先从通道取来全部到齐的文件，再每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：Airflow 资产 `landing/tax_bureau`；每个文件落地为一个不可更改的批次，并按来文格式给出回执。
- 失败：被拒收的文件连同原因移入 `refused/tax_bureau/`，其余文件照常落地。
  任务失败，请按原因联系省税务局征收处重新发送。
"""

from dags.exchange_dag import ingest_dag

ingest_tax_bureau = ingest_dag("tax_bureau", "税务局", __doc__, clock="30 6 * * 1-5")
