// SPDX-License-Identifier: Apache-2.0
#include "api/secret_text.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "api/mask.h"

namespace api = metactl::api;

namespace {

/// The text with "*" for secrets and "+" for access keys.
std::string starred(std::string_view text) {
  std::string result;
  std::size_t done = 0;
  for (const auto& secret : api::find_secrets(text)) {
    result += text.substr(done, secret.value - done);
    result += secret.is_access_key ? '+' : '*';
    done = secret.end;
  }
  return result += text.substr(done);
}

}  // namespace

TEST_CASE("secrets are found as messages, settings and URLs have them", "[api][mask]") {
  CHECK(starred(R"({"ak": "AKIA", "sk": "plain","x":1})") == R"({"ak": "+", "sk": "*","x":1})");
  CHECK(starred(R"(obj { ak: "AKIA" sk: "pl\"ain" id: "1" })") ==
        R"(obj { ak: "+" sk: "*" id: "1" })");
  CHECK(starred(R"(body={\"sk\": \"pla\\\"in\", \"b\": \"\"})") ==
        R"(body={\"sk\": \"*\", \"b\": \"\"})");
  CHECK(starred("GET /get_cluster?token=abc&key=1") == "GET /get_cluster?token=*&key=1");
  CHECK(starred("sk=abc, ak=AKIA;sk='a b')") == "sk=*, ak=+;sk='*')");
  CHECK(starred("sk = abc/+== end") == "sk = * end");
  CHECK(starred("aws_sk=a s3.AK=b x-token: c") == "aws_sk=* s3.AK=+ x-token: *");
  CHECK(starred("s3.access_key=A s3.secret_key=b accessKey: C AWS_SECRET_ACCESS_KEY=d") ==
        "s3.access_key=+ s3.secret_key=* accessKey: + AWS_SECRET_ACCESS_KEY=*");
  CHECK(starred("access_key_id: A hdfs_kerberos_keytab: \"b\" password=c") ==
        "access_key_id: + hdfs_kerberos_keytab: \"*\" password=*");
}

TEST_CASE("secrets are found as headers and command lines have them", "[api][mask]") {
  CHECK(starred("Authorization: Bearer abc") == "Authorization: Bearer *");
  CHECK(starred("-H 'authorization: basic dTpw' -v") == "-H 'authorization: basic *' -v");
  CHECK(starred("Authorization: abc def") == "Authorization: * def");
  CHECK(starred(R"({"Authorization": "Bearer abc"})") == R"({"Authorization": "*"})");
  CHECK(starred("metactl ak rotate --ak A --sk b --yes") ==
        "metactl ak rotate --ak + --sk * --yes");
  CHECK(starred("--token\t'a b' --sk=c") == "--token\t'*' --sk=*");
  CHECK(starred("private_key=a encryption_key=\"b\"") == "private_key=* encryption_key=\"*\"");
  CHECK(starred("--sk\nb --token --yes --ak") == "--sk\nb --token --yes --ak");
}

TEST_CASE("any number of schemes in front of a secret takes no stack", "[api][mask]") {
  std::string schemes = "Authorization:";
  for (int i = 0; i < 500'000; ++i) schemes += " Bearer";
  CHECK(starred(schemes + " abc") == schemes + " *");
}

TEST_CASE("what only looks like a secret is left alone", "[api][mask]") {
  for (const std::string text : {"", "=", ":", "sk", "sk=", "sk: \"\"", "disk=5 task: 7 break=1",
                                 "at 12:10:07 key=1", "tokens=3", "token", "token {a}", "mask:x"}) {
    CAPTURE(text);
    CHECK(api::find_secrets(text).empty());
  }
}

TEST_CASE("a secret ends with its line", "[api][mask]") {
  CHECK(starred("sk: \"no end\nsk=\nb") == "sk: \"*\nsk=\nb");
  CHECK(starred(R"(sk: "ends in \\" b: "c")") == R"(sk: "*" b: "c")");
}

TEST_CASE("secrets are shown as in messages", "[api][mask]") {
  const std::string text = "ak=0123456789 sk=plain token=sha256:01234567";
  const auto found = api::find_secrets(text);
  REQUIRE(found.size() == 3);
  CHECK(found[1].begin == 14);
  CHECK(api::masked(found[0], text) == api::mask_access_key("0123456789"));
  CHECK(api::masked(found[1], text) == api::fingerprint("plain"));
  CHECK(api::masked(found[2], text) == "sha256:01234567");
}

TEST_CASE("of node_mgr's passwords nothing is shown", "[api][mask][nodemgr]") {
  const std::string job =
      R"({"s_user":"pgx","s_pwd":"plain-s1","d_pwd":"plain-s2","pwd":"******"})";
  CHECK(api::mask_text(job) ==
        R"({"s_user":"pgx","s_pwd":"******","d_pwd":"******","pwd":"******"})");
  CHECK(starred("cpwd=a") == "cpwd=a");
}

TEST_CASE("passwords are found in commands of a shell", "[api][mask]") {
  CHECK(starred("mysql -uroot -psecret -e x") == "mysql -uroot -p* -e x");
  CHECK(starred("mysqldump -p'a b' db; mariadb -h h -pc") ==
        "mysqldump -p'*' db; mariadb -h h -p*");
  CHECK(starred(R"({"cmd":"/usr/bin/mysql -p\"a b\" db"})") ==
        R"({"cmd":"/usr/bin/mysql -p\"*\" db"})");
  CHECK(starred("PGPASSWORD=secret psql --password=b MYSQL_PWD=c") ==
        "PGPASSWORD=* psql --password=* MYSQL_PWD=*");
  CHECK(starred("curl -u u:secret http://h -uv:b --user w:c") ==
        "curl -u u:* http://h -uv:* --user w:*");
  CHECK(starred("redis-cli -h h -a secret ping") == "redis-cli -h h -a * ping");
  CHECK(starred("sshpass -psecret ssh h; sshpass -p b ssh h") ==
        "sshpass -p* ssh h; sshpass -p * ssh h");
  for (const std::string text :
       {"mkdir -p /data/x", "mysql -p db", "ssh -p2222 h", "mysql -e x; mkdir -p/data", "ps -a x",
        "mysql --port=3", "curl -u user http://h", "curl -T x", "tar -pxf a", "mysql -p"}) {
    CAPTURE(text);
    CHECK(api::find_secrets(text).empty());
  }
}

TEST_CASE("passwords are found in the user part of URLs", "[api][mask]") {
  CHECK(starred("GET http://u:secret@h:80/p@q?x=1") == "GET http://u:*@h:80/p@q?x=1");
  CHECK(starred(R"({"url":"postgresql://u:a@b@h/db"})") == R"({"url":"postgresql://u:*@h/db"})");
  for (const std::string text :
       {"http://h:80/a@b", "http://u@h/", "http://u:@h/", "://:@", "hdfs://h:8020", "a://b:c"}) {
    CAPTURE(text);
    CHECK(api::find_secrets(text).empty());
  }
}

TEST_CASE("settings of Hadoop are found as settings, options and pairs", "[api][mask]") {
  CHECK(starred("fs.azure.account.key.a.net=secret,dfs.replication=3") ==
        "fs.azure.account.key.a.net=*,dfs.replication=3");
  CHECK(starred("--conf my.own=secret --conf dfs.nameservices=ns") ==
        "--conf my.own=* --conf dfs.nameservices=ns");
  CHECK(starred("--hdfs 'fs_name=f,user=u,my.own=secret,dfs.replication=3' --conf=other=secret") ==
        "--hdfs 'fs_name=f,user=u,my.own=*,dfs.replication=3' --conf=other=*");
  CHECK(
      starred(R"({"key":"fs.azure.sas.c","value":"secret"},{"key":"fs.defaultFS","value":"f"})") ==
      R"({"key":"fs.azure.sas.c","value":"*"},{"key":"fs.defaultFS","value":"f"})");
  CHECK(starred(R"(x={\"hdfs_confs\":[{\"key\": \"k\", \"value\": \"secret\"}]})") ==
        R"(x={\"hdfs_confs\":[{\"key\": \"k\", \"value\": \"*\"}]})");
  CHECK(starred(R"(fs.gs.x: "secret")") == R"(fs.gs.x: "*")");
  for (const std::string text : {"fs.example:8020", "http://fs.example:80/", "u@fs.example: x",
                                 R"({"key":"k","value":"v"})", R"({"key":"fs.x"})", "dfs.x="}) {
    CAPTURE(text);
    CHECK(api::find_secrets(text).empty());
  }
}

TEST_CASE("the password in a URL is masked, whatever it is made of", "[api][secrets]") {
  CHECK(api::mask_url("http://h:1/x") == "http://h:1/x");
  CHECK(api::mask_url("http://ops:plain-s@h:1/x") == "http://ops:******@h:1/x");
  CHECK(api::mask_url("http://ops:pl'ain\"-s@x?@h") == "http://ops:******@h");
  CHECK(api::mask_url("HTTPS://plain-s@[::1]:1") == "HTTPS://******@[::1]:1");
  CHECK(api::mask_url("http://h/a@b") == "http://h/a@b");
  CHECK(api::mask_url("ops:plain-s@h:1") == "ops:******@h:1");
  CHECK(api::mask_url("--server=http://ops:plain-s@h") == "--server=http://ops:******@h");
  CHECK(api::mask_url("user@host") == "user@host");
  CHECK(api::mask_url("").empty());
}
