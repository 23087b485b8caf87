// SPDX-License-Identifier: Apache-2.0
// Secrets in real files, between real processes: the key of a state, the log of a server, a
// frontend's password, and keys that a real object store is asked about.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <list>
#include <regex>

#include "tests/e2e/metactl.h"
#include "tests/support/fake_server.h"
#include "tests/support/s3_store.h"

namespace metactl::tests {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
  ::chmod(path.c_str(), 0600);
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 0777U : 0U;
}

bool is_key(const std::string& content) {
  return std::regex_match(content, std::regex("[0-9a-f]{64}\n?"));
}

class StorageFixture : public MetactlFixture {
 public:
  const std::string key = state + ".key";

  StorageFixture() {
    write_file(folder / "old.sk", "plain-s3-old\n");
    write_file(folder / "new.sk", "plain-s3-new\n");
  }

  /// What the program says, or how it fails; any text of it is searched for plain secrets.
  Outcome metactl_outcome(std::vector<std::string> arguments, const std::string& input = "") const {
    auto launch = metactl(std::move(arguments));
    launch.input = input;
    return run(launch);
  }
  std::string sk(const std::string& name) const { return folder / (name + ".sk"); }

  /// Instance "i" with the vault "hot", whose secret key is plain-s3-old.
  void create_vault(const std::vector<std::string>& more = {}) const {
    out({"instance", "create", "i", "--user-id", "u"});
    std::vector<std::string> arguments = {"vault", "add",        "s3",       "hot",  "--bucket",
                                          "books", "--endpoint", "s3.local", "-i",   "i",
                                          "--ak",  "OLDKEY",     "--region", "eu-1", "--provider",
                                          "S3",    "--sk-file",  sk("old")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    out(arguments);
  }

  std::string stored_secret(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"vault", "get", "hot", "-i",
                                          "i",     "-o",  "csv", "--show-secrets"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto shown = out(arguments);
    const auto at = shown.find("\nsk,");
    return at == std::string::npos ? "" : shown.substr(at + 4, shown.find('\n', at + 1) - at - 4);
  }

  /// Files beside the state whose names start as that of the key file.
  std::vector<std::string> key_files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      if (entry.path().string().starts_with(key)) names.push_back(entry.path().filename().string());
    return names;
  }

  bool is_on_disk(std::string_view text) const {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
      if (entry.path().extension() != ".sk" && contains(read_file(entry.path()), text)) return true;
    return false;
  }

  /// A command that needs a secret says so and changes nothing.
  void check_locked(const std::string& part) const {
    const auto before = read_file(key);
    const auto names = key_files();
    const std::vector<std::vector<std::string>> commands = {
        {"vault", "add", "s3", "cold", "-i", "i", "--bucket", "b", "--endpoint", "e", "--region",
         "r", "--provider", "S3", "--ak", "NEWKEY", "--sk-file", sk("new")},
        {"vault", "alter", "hot", "-i", "i", "--ak", "NEWKEY", "--sk-file", sk("new")},
        {"ak", "rotate", "-i", "i", "--ak", "NEWKEY", "--sk-file", sk("new")},
        {"ram-user", "set", "1", "-i", "i", "--ak", "NEWKEY", "--sk-file", sk("new")},
        {"ak", "verify", "-i", "i"},
        {"vault", "get", "hot", "-i", "i", "--show-secrets"},
        {"state", "rekey"}};
    for (const auto& command : commands) {
      const auto outcome = metactl_outcome(command);
      INFO(command[0] << ' ' << command[1] << ": " << outcome.out << outcome.err);
      CHECK(outcome.status == 9);
      CHECK(outcome.out.empty());
      CHECK(contains(outcome.err, part));
      CHECK(contains(outcome.err, key));
      CHECK(contains(outcome.err, "hint: "));
    }
    CHECK(read_file(key) == before);
    CHECK(key_files() == names);
  }

  /// All that needs no secret works.
  void check_rest_works() const {
    CHECK(contains(out({"vault", "list", "-i", "i"}), "hot"));
    CHECK(contains(out({"vault", "get", "hot", "-i", "i"}), "unreadable"));
    CHECK(contains(out({"instance", "get", "i"}), "NORMAL"));
    out({"cluster", "add", "c", "-i", "i", "--node", "10.0.0.5:9050"});
    out({"cluster", "drop", "c", "-i", "i", "--yes"});
    out({"vault", "add", "hdfs", "attic", "-i", "i", "--fs-name", "hdfs://nn:8020"});
    out({"vault", "alter", "hot", "-i", "i", "--rename", "warm"});
    out({"vault", "alter", "warm", "-i", "i", "--rename", "hot"});
  }
};

}  // namespace

TEST_CASE_METHOD(StorageFixture, "secrets are sealed with a key in a private file",
                 "[e2e][storage]") {
  ::umask(0);
  out({"instance", "create", "i", "--user-id", "u"});
  CHECK(key_files().empty());  // Nothing to seal yet.
  out({"vault", "add", "s3", "hot", "-i", "i", "--bucket", "b", "--endpoint", "e", "--region", "r",
       "--provider", "S3", "--ak", "OLDKEY", "--sk-file", sk("old")});
  ::umask(022);
  CHECK(key_files() == std::vector<std::string>{"state.db.key"});
  CHECK(mode_of(key) == 0600);
  CHECK(mode_of(state) == 0600);
  CHECK(is_key(read_file(key)));
  CHECK_FALSE(is_on_disk("plain-s"));
  CHECK(stored_secret() == "plain-s3-old");
}

TEST_CASE_METHOD(StorageFixture, "rekey replaces the key and keeps the secrets", "[e2e][storage]") {
  create_vault();
  out({"iam", "set", "42", "--ak", "OLDKEY", "--sk-file", sk("old")});
  const auto before = read_file(key);
  const auto outcome = metactl_outcome({"state", "rekey"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out == fmt::format("state/{} rekeyed\n", state));
  CHECK(contains(outcome.err, "2 secrets"));
  const auto after = read_file(key);
  CHECK(after != before);
  CHECK(is_key(after));
  CHECK(mode_of(key) == 0600);
  CHECK(key_files().size() == 1);
  CHECK(stored_secret() == "plain-s3-old");
  CHECK(contains(out({"iam", "get", "-i", "i", "--show-secrets"}), "plain-s3-old"));
  CHECK(journaled("add_s3_vault") == 1);

  // The old key opens nothing any more.
  write_file(key, before);
  CHECK(metactl_outcome({"ak", "verify", "-i", "i"}).status == 9);
  write_file(key, after);
  CHECK(stored_secret() == "plain-s3-old");
}

TEST_CASE_METHOD(StorageFixture, "rekey needs a state that is there", "[e2e][storage]") {
  const auto missing = metactl_outcome({"state", "rekey"});
  CHECK(missing.status == 3);
  CHECK(contains(missing.err, state));
  CHECK_FALSE(std::filesystem::exists(state));
  CHECK(key_files().empty());

  out({"instance", "create", "i", "--user-id", "u"});
  const auto empty = metactl_outcome({"state", "rekey"});
  CHECK(empty.status == 0);
  CHECK(contains(empty.err, "0 secrets"));
}

TEST_CASE_METHOD(StorageFixture, "two rekeys at once under a running server leave one right key",
                 "[e2e][storage]") {
  create_vault();
  Serving serving(*this);
  for (int round = 0; round < 3; ++round) {
    std::list<Process> rekeys;
    for (int i = 0; i < 2; ++i) rekeys.emplace_back(metactl({"state", "rekey"}));
    // The server answers with plain secrets all the time.
    for (int i = 0; i < 10; ++i) {
      const auto reply =
          call(serving.url(), "get_obj_store_info", R"({"cloud_unique_id": "1:i:n"})");
      CHECK(reply.status == 200);
      CHECK(contains(reply.body, "plain-s3-old"));
    }
    for (auto& rekey : rekeys) {
      const auto outcome = rekey.wait();
      INFO(outcome.err);
      CHECK(outcome.status == 0);
    }
    CHECK(key_files() == std::vector<std::string>{"state.db.key"});
    CHECK(stored_secret() == "plain-s3-old");
  }
  // Written by the server with the newest key, read by another process.
  const auto added = call(serving.url(), "alter_s3_vault",
                          R"({"cloud_unique_id": "1:i:n", "vault": {"name": "hot",
                              "obj_info": {"ak": "NEWKEY", "sk": "plain-s3-new"}}})");
  CHECK(added.status == 200);
  CHECK(stored_secret() == "plain-s3-new");
}

TEST_CASE_METHOD(StorageFixture, "a lost key file locks the secrets and nothing else",
                 "[e2e][storage]") {
  create_vault();
  const auto content = read_file(key);
  std::filesystem::remove(key);
  check_locked("cannot");
  CHECK(key_files().empty());  // No new one was made.
  check_rest_works();
  CHECK(key_files().empty());
  write_file(key, content);
  CHECK(stored_secret() == "plain-s3-old");
}

TEST_CASE_METHOD(StorageFixture, "a wrong or damaged key file locks the secrets and is left alone",
                 "[e2e][storage]") {
  create_vault();
  const auto content = read_file(key);
  const auto wrong = GENERATE_COPY(std::string(64, 'a') + "\n", std::string("not a key\n"),
                                   std::string(), content.substr(0, 32));
  INFO(wrong);
  write_file(key, wrong);
  check_locked("key");
  check_rest_works();
  CHECK(read_file(key) == wrong);
  write_file(key, content);
  CHECK(stored_secret() == "plain-s3-old");
}

TEST_CASE_METHOD(StorageFixture, "a server with a lost key says so and overwrites nothing",
                 "[e2e][storage]") {
  create_vault();
  const auto content = read_file(key);
  std::filesystem::remove(key);
  Serving serving(*this);
  const auto shown = call(serving.url(), "get_obj_store_info", R"({"cloud_unique_id": "1:i:n"})");
  CHECK(shown.status == 200);
  CHECK(contains(shown.body, "\"hot\""));
  CHECK_FALSE(contains(shown.body, "plain-s"));
  const auto altered = call(serving.url(), "alter_s3_vault",
                            R"({"cloud_unique_id": "1:i:n", "vault": {"name": "hot",
                              "obj_info": {"ak": "NEWKEY", "sk": "plain-s3-new"}}})");
  CHECK(altered.status == 503);
  CHECK(contains(altered.body, "key"));
  CHECK(key_files().empty());
  write_file(key, content);  // Found without a restart.
  CHECK(contains(call(serving.url(), "get_obj_store_info", R"({"cloud_unique_id": "1:i:n"})").body,
                 "plain-s3-old"));
}

TEST_CASE_METHOD(StorageFixture, "the key file can be named", "[e2e][storage]") {
  const std::string other = folder / "elsewhere.key";
  create_vault({"--key-file", other});
  CHECK(key_files().empty());
  CHECK(mode_of(other) == 0600);
  CHECK(stored_secret({"--key-file", other}) == "plain-s3-old");
  const auto without = metactl_outcome({"ak", "verify", "-i", "i"});
  CHECK(without.status == 9);
  CHECK(contains(without.err, "--key-file"));
  const auto before = read_file(other);
  out({"state", "rekey", "--key-file", other});
  CHECK(read_file(other) != before);
  CHECK(key_files().empty());
  CHECK(stored_secret({"--key-file", other}) == "plain-s3-old");

  Serving serving(*this, {"--key-file", other});
  CHECK(contains(call(serving.url(), "get_obj_store_info", R"({"cloud_unique_id": "1:i:n"})").body,
                 "plain-s3-old"));
}

TEST_CASE_METHOD(StorageFixture, "the log of serve shows neither secrets nor tokens",
                 "[e2e][storage]") {
  write_file(folder / "token", "secret\n");
  Serving serving(*this, {"-v"});
  const auto remote = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(),
                     {"--server", serving.url(), "--token-file", folder / "token"});
    return out(arguments);
  };
  remote({"instance", "create", "i", "--user-id", "u"});
  remote({"vault", "add", "s3", "hot", "-i", "i", "--bucket", "b", "--endpoint", "e", "--region",
          "r", "--provider", "S3", "--ak", "OLDKEY", "--sk-file", sk("old")});
  remote({"vault", "alter", "hot", "-i", "i", "--ak", "NEWKEY", "--sk-file", sk("new")});
  remote({"vault", "add", "hdfs", "attic", "-i", "i", "--fs-name", "hdfs://nn", "--conf",
          "dfs.password=plain-s-conf", "--kerberos-keytab", "/plain-s.keytab",
          "--kerberos-principal", "plain-s-principal"});
  remote({"iam", "set", "42", "--ak", "OLDKEY", "--sk-file", sk("old")});
  remote({"ram-user", "set", "42", "-i", "i", "--ak", "OLDKEY", "--sk-file", sk("old")});
  remote({"ak", "rotate", "-i", "i", "--ram-user", "--ak", "NEWKEY", "--sk-file", sk("new")});
  remote({"server-config", "set", "enable_cluster_name_check=true", "--reason", "why"});
  call(serving.url(), "add_s3_vault", R"({"vault": {"obj_info": {"sk": "plain-s", 5}}})");
  call(serving.url(), "alter_iam", R"({"account_id": "1", "sk": "plain-s"})");
  call(serving.url(), "update_config?configs=arn_sk=plain-s", "{}");
  call(serving.url(), "alter_iam", R"({})", "plain-s-token");
  const auto log = serving.stop().err;  // Searched for "plain-s" when it came.
  for (const auto* name : {"add_s3_vault", "alter_s3_vault", "add_hdfs_vault", "alter_iam",
                           "alter_ram_user", "update_ak_sk", "update_config"}) {
    INFO(name);
    CHECK(contains(log, name));
  }
  CHECK_FALSE(contains(log, "token=secret"));
  CHECK_FALSE(contains(log, "OLDKEY"));
  CHECK_FALSE(contains(log, "NEWKEY"));
}

TEST_CASE_METHOD(StorageFixture, "settings of a server that are secrets are not shown",
                 "[e2e][storage]") {
  const FakeServer server([](const std::string&, const std::string&) -> http::Reply {
    return {200, "application/json",
            R"({"code": "OK", "msg": "", "result": [
                ["arn_ak", "std::string", "AKIDEXAMPLE99", false],
                ["arn_sk", "std::string", "plain-s-arn", false],
                ["encryption_key", "std::string", "plain-s-key", false],
                ["http_token", "std::string", "plain-s-token", false],
                ["brpc_listen_port", "int32_t", "5000", false]]})"};
  });
  const std::string format = GENERATE("table", "json", "yaml", "csv", "raw");
  auto launch = metactl({"server-config", "show", "-o", format, "--server", server.url(), "-v"});
  launch.environment["METACTL_TOKEN"] = "secret";
  Outcome outcome;
  CHECK_NOTHROW(outcome = run(launch));
  CHECK(outcome.status == 0);
  CHECK(contains(outcome.out, "5000"));
}

TEST_CASE_METHOD(StorageFixture, "fragments are asked of a frontend, which serve can stand in for",
                 "[e2e][storage]") {
  out({"instance", "create", "i", "--user-id", "u"});
  out({"cluster", "add", "c", "-i", "i", "--node", "10.0.0.5:9050", "--node", "10.0.0.6:9050"});
  Serving serving(*this);
  write_file(folder / "password", "secret\n");
  write_file(folder / "wrong", "plain-s-wrong\n");
  const auto fragments = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"cluster", "fragments", "--fe", serving.url()});
    return metactl_outcome(more);
  };
  const std::string password = folder / "password";

  const auto table = fragments({"--user", "anybody", "--password-file", password});
  CHECK(table.status == 0);
  CHECK(table.err.empty());
  CHECK(table.out ==
        "ENDPOINT\tCLUSTER_ID\tFRAGMENTS\tUPDATED\n"
        "10.0.0.5:9050\tc\t0\t\n"
        "10.0.0.6:9050\tc\t0\t\n");
  const auto wide = fragments({"--password-file", password, "-o", "wide"});
  CHECK(wide.out ==
        "ENDPOINT\tCLUSTER_ID\tFRAGMENTS\tUPDATED\tBE_PORT\tHTTP_PORT\tBRPC_PORT\n"
        "10.0.0.5:9050\tc\t0\t\t-\t-\t-\n"
        "10.0.0.6:9050\tc\t0\t\t-\t-\t-\n");
  const auto json = fragments({"--password-file", password, "-o", "json"});
  CHECK(contains(json.out, "\"be_port\": -1"));
  CHECK(contains(json.out, "\"heartbeat_port\": 9050"));

  for (const auto& more : std::vector<std::vector<std::string>>{
           {"--password-file", folder / "wrong"}, {"--user", "u"}, {}}) {
    const auto refused = fragments(more);
    INFO(refused.err);
    CHECK(refused.status == 5);
    CHECK(refused.out.empty());
    CHECK(contains(refused.err, "hint: "));
  }
  CHECK(fragments({"--password-file", folder / "missing"}).status == 2);
  CHECK(fragments({"--password-env", "NO_SUCH"}).status == 2);
  CHECK(fragments({"--password-file", password, "--password-env", "PATH"}).status == 2);
  CHECK(metactl_outcome({"cluster", "fragments"}).status == 2);
  CHECK(metactl_outcome({"cluster", "fragments", "--fe", "nonsense"}).status == 2);
  CHECK(metactl_outcome({"cluster", "fragments", "--fe", "http://127.0.0.1:1"}).status == 6);
}

TEST_CASE_METHOD(StorageFixture, "an object store that cannot be reached verifies nothing",
                 "[e2e][storage][s3]") {
  const DeafSocket bound(false);
  out({"instance", "create", "i", "--user-id", "u"});
  out({"vault", "add", "s3", "hot", "-i", "i", "--bucket", "books", "--path-style", "--endpoint",
       bound.url(), "--region", "eu-1", "--provider", "S3", "--ak", "OLDKEY", "--sk-file",
       sk("old")});
  const auto verified = metactl_outcome({"ak", "verify", "-i", "i"});
  INFO(verified.err);
  CHECK(verified.status == 6);
  const auto rotated = metactl_outcome({"ak", "rotate", "-i", "i", "--ak", "NEWKEY", "--sk-file",
                                        sk("new"), "--verify", "head-bucket"});
  CHECK(rotated.status == 6);
  CHECK(contains(rotated.err, bound.url()));
  CHECK(stored_secret() == "plain-s3-old");
}

TEST_CASE_METHOD(StorageFixture, "keys are stored only when a real store takes them",
                 "[e2e][storage][s3]") {
  if (!S3Store::is_installed()) {
    WARN("skipped: the S3 server is not installed; './dev test' does that where npm works");
    return;
  }
  const S3Store store;
  const bool is_served = GENERATE(false, true);
  const bool path_style = GENERATE(true, false);
  std::unique_ptr<Serving> serving;
  out({"instance", "create", "i", "--user-id", "u"});
  std::vector<std::string> add = {"vault",    "add",    "s3",        "hot",    "-i",         "i",
                                  "--bucket", "books",  "--region",  "eu-1",   "--provider", "S3",
                                  "--ak",     "OLDKEY", "--sk-file", sk("old")};
  // What the nodes use cannot be reached from here; the external address can.
  add.insert(add.end(), {"--endpoint", "http://127.0.0.1:1", "--external-endpoint",
                         path_style ? store.endpoint() : store.virtual_host_endpoint()});
  if (path_style) add.emplace_back("--path-style");
  out(add);
  if (is_served) serving = std::make_unique<Serving>(*this);
  const auto command = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"-i", "i"});
    if (serving) arguments.insert(arguments.end(), {"--server", serving->url()});
    auto launch = metactl(arguments);
    launch.environment["METACTL_TOKEN"] = "secret";
    return run(launch);
  };
  const auto rotate = [&](const std::string& ak, const std::string& name) {
    return command({"ak", "rotate", "--ak", ak, "--sk-file", sk(name), "--verify", "head-bucket"});
  };

  const auto verified = command({"ak", "verify"});
  INFO(verified.err);
  CHECK(verified.status == 0);
  CHECK(verified.out == "vault/hot verified\n");
  CHECK(command({"ak", "verify", "--ak", "NEWKEY", "--sk-file", sk("new")}).status == 0);

  for (const auto& [ak, name] :
       std::vector<std::pair<std::string, std::string>>{{"NEWKEY", "old"}, {"NOKEY", "new"}}) {
    const auto refused = rotate(ak, name);
    INFO(refused.err);
    CHECK(refused.status == 7);
    CHECK(refused.out.empty());
    CHECK(contains(refused.err, "books"));
    CHECK(stored_secret() == "plain-s3-old");
    CHECK(command({"ak", "verify", "--ak", ak, "--sk-file", sk(name)}).status == 7);
  }
  CHECK(journaled("alter_s3_vault") == 0);

  const auto rotated = rotate("NEWKEY", "new");
  INFO(rotated.err);
  CHECK(rotated.status == 0);
  CHECK(rotated.out == "vault/hot rotated\n");
  CHECK(stored_secret() == "plain-s3-new");
  CHECK(journaled("alter_s3_vault") == 1);
  CHECK(rotate("NEWKEY", "new").out == "vault/hot unchanged\n");

  // Without being asked for, nothing is verified; then the stored keys are wrong.
  CHECK(command({"ak", "rotate", "--ak", "NEWKEY", "--sk-file", sk("old")}).status == 0);
  const auto stored = command({"ak", "verify"});
  CHECK(stored.status == 7);
  CHECK(contains(stored.err, "secret key"));
}

}  // namespace metactl::tests
