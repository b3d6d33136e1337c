"""接收财政局的交换文件并落地。

- 何时：每月 3 日 07:00（北京时间），以及对方文件到齐后数秒之内。
  先从通道取来全部到齐的文件，再每个接口一个映射任务，取走收件箱中该接口的全部文件。
- 产出：Airflow 资产 `landing/finance_bureau`；每个文件落地为一个不可更改的批次，并按来文格式给出回执。
- 失败：被拒收的文件连同原因移入 `refused/finance_bureau/`，其余文件照常落地。
  任务失败，请按原因联系省财政厅社会保障处、国库处重新发送。
"""

from dags.exchange_dag import ingest_dag

ingest_finance_bureau = ingest_dag("finance_bureau", "财政局", __doc__, clock="0 7 3 * *")
