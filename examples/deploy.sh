#!/bin/sh
# Makes a cluster with curl. `metactl convert curl` tells what is wrong with it.
MS=127.0.0.1:5000
TOKEN=greedisgood9999

curl -s "$MS/MetaService/http/create_instance?token=$TOKEN" \
  -d '{"instance_id": "shop", "user_id": "ops"}' | jq -r .code
curl -s "$MS/MetaService/http/add_cluster?token=$TOKEN" -d '{
  "instance_id": "shop",
  "cluster_name": "etl",
  "cluster": {"cluster_id": "c1", "cluster_name": "etl", "type": "COMPUTE", "nodes": [
    {"cloud_unique_id": "1:shop:be1", "ip": "10.0.0.5", "heartbeat_port": 9050}]}
}' >/dev/null
curl -fsS "$MS/MetaService/http/set_cluster_statu?token=$TOKEN" \
  -d '{"instance_id": "shop", "cluster": {"cluster_id": "c1", "cluster_status": "SUSPENDED"}}'
echo Done
