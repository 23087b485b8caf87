#!/bin/sh
# Makes a state in FOLDER with the metactl that $M names: make.sh FOLDER NAME
set -eu
cd "$1"
export HOME="$1" METACTL_STATE="$2"
m() { "$M" -q -y "$@" > /dev/null; }
printf 'plain-s-one\n' > key.txt
m instance create prod --user-id ops --name production \
  --s3 bucket=data,prefix=doris,endpoint=s3.example,region=eu-1,provider=S3,ak=AKIDEXAMPLE01,sk-file=key.txt
m instance create test --user-id ops
m -i prod vault add s3 cold --bucket cold --prefix doris --endpoint s3.example --region eu-1 \
  --provider S3 --ak AKIDEXAMPLE02 --sk-file key.txt
m -i prod vault add hdfs lake --fs-name hdfs://lake --user doris
m -i prod iam set 1234567890 --ak AKIDEXAMPLE99 --sk-file key.txt
m -i prod cluster add fe --type SQL --node 10.0.0.1:9010/FE_MASTER --node 10.0.0.2:9010/FE_OBSERVER
m -i prod cluster add etl --node 10.0.1.1:9050 --node 10.0.1.2:9050
m -i prod cluster add scratch
m -i prod node add --cluster etl 10.0.1.3:9050
m -i prod node drop --cluster etl 10.0.1.1:9050
m -i prod cluster rename etl load
m -i prod cluster drop scratch
m -i prod tablet create 1 --db 7 --table 10 --index 11 --partition 12
m -i prod txn begin a --db 7 --table 10
m -i prod txn begin b --db 7 --table 10
m -i prod txn begin c --db 7 --table 10
m -i prod txn abort --db 7 --label c
m -i prod job start 1 compact-1 --type base --versions 2-5 --expiration 1893560000 --lease 1893554000
# The rest is what schema version 3 stores otherwise: settings of HDFS vaults, which older versions
# do not encrypt, also in the journal, where the dropped vault is found only.
[ "${WITH_SETTINGS-}" ] || exit 0
m -i prod vault add hdfs warm --fs-name hdfs://warm --user doris --kerberos-principal plain-p-one \
  --kerberos-keytab plain-t-one --conf dfs.replication=3 --conf dfs.keystore.password=plain-c-one
m -i prod vault add hdfs frozen --fs-name hdfs://frozen --user doris \
  --conf fs.azure.account.key.example=plain-c-two
m -i prod vault drop frozen
