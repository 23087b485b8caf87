// SPDX-License-Identifier: Apache-2.0
// The users of the cloud who own keys. Source: meta-service-api.md, sections 4 and 8.6.

#include <catch2/catch.hpp>

#include "keys/keys.h"
#include "tests/support/core_fixture.h"

namespace api = metactl::api;
namespace keys = metactl::keys;
namespace pb = metactl::pb;
using metactl::tests::complete_store;
using metactl::tests::CoreFixture;
using metactl::tests::from;

namespace {

constexpr auto unchanged = "ak sk eq original, please check it";

std::string user(std::string_view id, std::string_view ak = "ak-new",
                 std::string_view sk = "plain-sk-new") {
  return fmt::format("{{user_id: '{}', ak: '{}', sk: '{}'}}", id, ak, sk);
}

/// update_ak_sk for these bucket users.
std::string bucket_users(std::string_view users, std::string_view instance_id = "i") {
  return fmt::format("{{instance_id: '{}', internal_bucket_user: [{}]}}", instance_id, users);
}

std::string ram_user(std::string_view ram, std::string_view instance_id = "i") {
  return fmt::format("{{instance_id: '{}', ram_user: {}}}", instance_id, ram);
}

/// "i" has a ram user "ru" and object store 1 without a user, "gone" is deleted.
class UsersFixture : public CoreFixture {
 public:
  UsersFixture() {
    set_now(start);
    call(api::create_instance, fmt::format("{{instance_id: 'i', ram_user: {}, obj_info: {{{}}}}}",
                                           user("ru", "ak-ram", "plain-sk-ram"), complete_store));
    create_deleted("gone");
    set_now(start + 5);
  }

  /// Adds an object store of a user, with keys "ak-BUCKET" and "plain-sk-BUCKET".
  void add_store(std::string_view bucket, std::string_view user_id) {
    const auto owner = user_id.empty() ? "" : fmt::format("user_id: '{}', ", user_id);
    set_now(start);
    call(api::add_obj_info,
         fmt::format("{{cloud_unique_id: '1:i:x', obj: {{{}ak: 'ak-{}', sk: 'plain-sk-{}', bucket: "
                     "'{}', prefix: 'p', endpoint: 'e', region: 'r', provider: 'S3'}}}}",
                     owner, bucket, bucket, bucket));
    set_now(start + 5);
  }

  /// Removes object store 1, the one without a user.
  void drop_first_store() {
    auto instance = stored();
    instance.mutable_obj_info()->erase(instance.obj_info().begin());
    store(instance);
  }

  pb::InstanceInfoPB shown_instance() {
    return call(api::get_instance, "{instance_id: 'i'}").instance();
  }

  /// "user ak sk age" of all object stores, plain; age is in seconds since the test began.
  std::vector<std::string> stores() {
    std::vector<std::string> result;
    const auto instance = shown_instance();
    for (const auto& store : instance.obj_info())
      result.push_back(fmt::format("{} {} {} {}", store.user_id(), store.ak(), store.sk(),
                                   store.mtime() - start));
    return result;
  }

  static constexpr std::int64_t start = 1662695469;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(UsersFixture, "update_ak_sk refuses the first broken rule", "[core][users]") {
  CHECK_REFUSED(api::update_ak_sk, "{}", "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::update_ak_sk, ram_user("{}", ""), "INVALID_ARGUMENT", 400, "instance id");
  CHECK_REFUSED(api::update_ak_sk, "{cloud_unique_id: '1:i:x', ram_user: {}}", "INVALID_ARGUMENT",
                400, "instance id");
  CHECK_REFUSED(api::update_ak_sk, "{instance_id: 'nobody'}", "INVALID_ARGUMENT", 400, "ram_user");
  CHECK_REFUSED(api::update_ak_sk, bucket_users("", "nobody"), "INVALID_ARGUMENT", 400,
                "internal_bucket_user");
  CHECK_REFUSED(api::update_ak_sk, ram_user("{}", "nobody"), "KV_TXN_GET_ERR", 500, "nobody");
  CHECK_REFUSED(api::update_ak_sk, bucket_users("{}", "nobody"), "KV_TXN_GET_ERR", 500, "nobody");
  CHECK_REFUSED(api::update_ak_sk, ram_user("{}", "gone"), "CLUSTER_NOT_FOUND", 404, "gone");
  CHECK_REFUSED(api::update_ak_sk, bucket_users("{}", "gone"), "CLUSTER_NOT_FOUND", 404, "gone");
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk needs the ram user of the instance", "[core][users]") {
  create("bare");
  const auto* incomplete =
      GENERATE("{ak: 'a', sk: 'plain-sk'}", "{user_id: 'ru', sk: 'plain-sk'}",
               "{user_id: 'ru', ak: 'a'}", "{user_id: '', ak: 'a', sk: 'plain-sk'}",
               "{user_id: 'ru', ak: '', sk: 'plain-sk'}", "{user_id: 'ru', ak: 'a', sk: ''}");
  CHECK_REFUSED(api::update_ak_sk, ram_user(incomplete, "bare"), "INVALID_ARGUMENT", 400,
                "user_id, ak and sk");
  CHECK_REFUSED(api::update_ak_sk, ram_user(user("ru"), "bare"), "INVALID_ARGUMENT", 400,
                "has no ram user");
  CHECK_REFUSED(api::update_ak_sk, ram_user(user("other", "ak-ram", "plain-sk-ram")),
                "INVALID_ARGUMENT", 400, "other");
  CHECK_REFUSED(api::update_ak_sk, ram_user(user("ru", "ak-ram", "plain-sk-ram")),
                "INVALID_ARGUMENT", 400, unchanged);
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk looks at the ram user before the bucket users",
                 "[core][users]") {
  CHECK_REFUSED(api::update_ak_sk,
                "{instance_id: 'i', internal_bucket_user: [{}], ram_user: {user_id: 'ru', ak: "
                "'ak-ram', sk: 'plain-sk-ram'}}",
                "INVALID_ARGUMENT", 400, unchanged);
  CHECK_REFUSED(
      api::update_ak_sk,
      fmt::format("{{instance_id: 'i', internal_bucket_user: [{{}}], ram_user: {}}}", user("ru")),
      "INVALID_ARGUMENT", 400, "bucket user");
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk changes the keys of the ram user", "[core][users]") {
  const auto [ak, sk] = GENERATE(table<const char*, const char*>({
      {"ak-ram", "plain-sk-new"},  // One of both is enough.
      {"ak-new", "plain-sk-ram"},
      {"ak-new", "plain-sk-new"},
  }));
  const auto before = stores();
  CHECK(shown(api::update_ak_sk, ram_user(user("ru", ak, sk))) == "{}");
  CHECK(api::to_json(shown_instance().ram_user()) ==
        fmt::format(R"({{"user_id":"ru","ak":"{}","sk":"{}","encryption_info":)"
                    R"({{"encryption_method":"AES_256_GCM","key_id":"1"}}}})",
                    ak, sk));
  CHECK(stored().ram_user().sk() != sk);
  CHECK(stores() == before);
  CHECK_FALSE(stored().has_mtime());
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk leaves the external_id of the ram user",
                 "[core][users]") {
  call(api::alter_ram_user, ram_user("{user_id: 'ru', ak: 'a', sk: 'plain-sk', external_id: 'x'}"));
  call(api::update_ak_sk, ram_user(user("ru")));
  CHECK(stored().ram_user().external_id() == "x");
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk needs every part of a bucket user", "[core][users]") {
  const auto* incomplete =
      GENERATE("{}", "{ak: 'a', sk: 'plain-sk'}", "{user_id: 'u', sk: 'plain-sk'}",
               "{user_id: 'u', ak: 'a'}", "{user_id: '', ak: 'a', sk: 'plain-sk'}");
  CHECK_REFUSED(api::update_ak_sk, bucket_users(incomplete), "INVALID_ARGUMENT", 400,
                "user_id, ak and sk");
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk gives the keys to all stores of the user",
                 "[core][users]") {
  drop_first_store();
  add_store("b2", "u");
  add_store("b3", "w");
  add_store("b4", "u");
  CHECK(shown(api::update_ak_sk, bucket_users(user("u"))) == "{}");
  CHECK(stores() ==
        Texts{"u ak-new plain-sk-new 5", "w ak-b3 plain-sk-b3 0", "u ak-new plain-sk-new 5"});
  CHECK(stored().obj_info(0).sk() != "plain-sk-new");
  CHECK(stored().obj_info(0).sk() != stored().obj_info(2).sk());
  CHECK(stored().obj_info(0).ctime() == start);
  CHECK(stored().obj_info(0).encryption_info().encryption_method() == "AES_256_GCM");
  CHECK(shown_instance().ram_user().ak() == "ak-ram");
  CHECK_FALSE(stored().has_mtime());
}

TEST_CASE_METHOD(UsersFixture, "a single bucket user takes the stores that have no user",
                 "[core][users]") {
  add_store("b2", "w");
  call(api::update_ak_sk, bucket_users(user("u")));
  CHECK(stores() == Texts{"u ak-new plain-sk-new 5", "w ak-b2 plain-sk-b2 0"});
}

TEST_CASE_METHOD(UsersFixture, "several bucket users cannot take a store that has none",
                 "[core][users]") {
  add_store("b2", "u");
  add_store("b3", "w");
  CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u") + ", " + user("w")), "INVALID_ARGUMENT",
                400, "no user_id");
}

TEST_CASE_METHOD(UsersFixture, "several bucket users each take their own stores", "[core][users]") {
  drop_first_store();
  add_store("b2", "u");
  add_store("b3", "w");
  SECTION("when all are good") {
    call(api::update_ak_sk,
         bucket_users(user("u", "ak-u", "plain-sk-u") + ", " + user("w", "ak-w", "plain-sk-w")));
    CHECK(stores() == Texts{"u ak-u plain-sk-u 5", "w ak-w plain-sk-w 5"});
  }
  SECTION("one that owns nothing is passed over") {
    call(api::update_ak_sk, bucket_users(user("nobody") + ", " + user("w")));
    CHECK(stores() == Texts{"u ak-b2 plain-sk-b2 0", "w ak-new plain-sk-new 5"});
  }
  SECTION("all or none") {
    CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u") + ", {}"), "INVALID_ARGUMENT", 400,
                  "user_id, ak and sk");
    CHECK_REFUSED(api::update_ak_sk,
                  bucket_users(user("u") + ", " + user("w", "ak-b3", "plain-sk-b3")),
                  "INVALID_ARGUMENT", 400, unchanged);
  }
  SECTION("the first broken one decides") {
    CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u", "ak-b2", "plain-sk-b2") + ", {}"),
                  "INVALID_ARGUMENT", 400, unchanged);
  }
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk refuses keys that a store has already",
                 "[core][users]") {
  SECTION("of its user") {
    drop_first_store();
    add_store("b2", "u");
    CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u", "ak-b2", "plain-sk-b2")),
                  "INVALID_ARGUMENT", 400, unchanged);
    CHECK(refusal(api::update_ak_sk, bucket_users(user("u", "ak-b2", "plain-sk-new")), {}) ==
          "accepted");
  }
  SECTION("without a user") {
    CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u", "ak-1234", "plain-sk")),
                  "INVALID_ARGUMENT", 400, unchanged);
  }
  SECTION("one of several") {
    drop_first_store();
    add_store("b2", "u");
    add_store("b3", "u");
    CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u", "ak-b3", "plain-sk-b3")),
                  "INVALID_ARGUMENT", 400, unchanged);
  }
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk refuses bucket users who own nothing",
                 "[core][users]") {
  drop_first_store();
  add_store("b2", "u");
  CHECK_REFUSED(api::update_ak_sk, bucket_users(user("nobody")), "INVALID_ARGUMENT", 400,
                "not found");
  CHECK_REFUSED(api::update_ak_sk, bucket_users(user("n") + ", " + user("m")), "INVALID_ARGUMENT",
                400, "not found");
  CHECK_REFUSED(api::update_ak_sk,
                fmt::format("{{instance_id: 'i', ram_user: {}, internal_bucket_user: [{}]}}",
                            user("ru"), user("nobody")),
                "INVALID_ARGUMENT", 400, "not found");
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk changes ram user and bucket users at once",
                 "[core][users]") {
  call(api::update_ak_sk,
       fmt::format("{{instance_id: 'i', ram_user: {}, internal_bucket_user: [{}]}}",
                   user("ru", "ak-r", "plain-sk-r"), user("u", "ak-u", "plain-sk-u")));
  CHECK(shown_instance().ram_user().sk() == "plain-sk-r");
  CHECK(stores() == Texts{"u ak-u plain-sk-u 5"});
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk does not touch vaults", "[core][users]") {
  call(api::create_instance,
       fmt::format("{{instance_id: 'v', vault: {{obj_info: {{user_id: 'u', {}}}}}}}",
                   complete_store));
  CHECK_REFUSED(api::update_ak_sk, bucket_users(user("u"), "v"), "INVALID_ARGUMENT", 400,
                "not found");
}

TEST_CASE_METHOD(UsersFixture, "update_ak_sk never leaves keys beside a role", "[core][users]") {
  drop_first_store();
  add_store("b2", "u");
  call(api::alter_obj_info,
       "{cloud_unique_id: '1:i:x', obj: {id: '1', role_arn: 'arn', external_id: 'ext'}}");
  refusal(api::update_ak_sk, bucket_users(user("u")), {});  // Taken or refused.
  const auto after = stored().obj_info(0);
  CAPTURE(api::to_json(shown_instance().obj_info(0)));
  CHECK(after.has_role_arn() != after.has_ak());
  CHECK(after.has_role_arn() != after.has_sk());
  CHECK(after.has_role_arn() != after.has_encryption_info());
  CHECK(after.has_role_arn() == after.has_cred_provider_type());
}

TEST_CASE_METHOD(UsersFixture, "the older body of update_ak_sk is legacy_update_ak_sk",
                 "[core][users]") {
  const auto older = [](std::string_view members, std::string_view cloud_unique_id = "1:i:x") {
    return fmt::format("{{cloud_unique_id: '{}', obj: {{{}}}}}", cloud_unique_id, members);
  };
  SECTION("with its rules") {
    CHECK_REFUSED(api::update_ak_sk, older("id: '1', ak: 'a'", ""), "INVALID_ARGUMENT", 400, "sk");
    CHECK_REFUSED(api::update_ak_sk, older("id: '9', ak: 'a', sk: 'plain-sk'", ""),
                  "INVALID_ARGUMENT", 400, "cloud_unique_id");
    CHECK_REFUSED(api::update_ak_sk, older("id: '9', ak: 'a', sk: 'plain-sk'", "1:gone:x"),
                  "CLUSTER_NOT_FOUND", 404, "gone");
    CHECK_REFUSED(api::update_ak_sk, older("id: '2', ak: 'a', sk: 'plain-sk'"), "INVALID_ARGUMENT",
                  400, "no such object store");
  }
  SECTION("with its effect") {
    CHECK(shown(api::update_ak_sk, older("id: '1', ak: 'ak-new', sk: 'plain-sk-new'")) ==
          R"({"status":{}})");
    CHECK(stores() == Texts{" ak-new plain-sk-new 5"});
  }
  SECTION("with its remark on unchanged keys") {
    const auto before = content();
    const auto response =
        call(api::update_ak_sk,
             from<pb::UpdateAkSkRequest>(older("id: '1', ak: 'ak-1234', sk: 'plain-sk'")));
    CHECK_THAT(response.status().msg(), Catch::Contains("ak sk eq original"));
    CHECK(content() == before);
  }
  SECTION("but not with an instance_id") {
    CHECK_REFUSED(api::update_ak_sk,
                  "{instance_id: 'i', cloud_unique_id: '1:i:x', obj: {id: '1', ak: 'a', sk: "
                  "'plain-sk'}}",
                  "INVALID_ARGUMENT", 400, "ram_user");
  }
}

TEST_CASE_METHOD(UsersFixture, "alter_ram_user refuses the first broken rule", "[core][users]") {
  CHECK_REFUSED(api::alter_ram_user, "{}", "INVALID_ARGUMENT", 400, "empty instance_id");
  CHECK_REFUSED(api::alter_ram_user, "{instance_id: 'nobody'}", "INVALID_ARGUMENT", 400,
                "user_id, ak and sk");
  for (const auto* incomplete :
       {"{ak: 'a', sk: 'plain-sk'}", "{user_id: 'u', sk: 'plain-sk'}", "{user_id: 'u', ak: 'a'}",
        "{user_id: '', ak: 'a', sk: 'plain-sk'}", "{user_id: 'u', ak: '', sk: 'plain-sk'}",
        "{user_id: 'u', ak: 'a', sk: ''}"})
    CHECK_REFUSED(api::alter_ram_user, ram_user(incomplete, "nobody"), "INVALID_ARGUMENT", 400,
                  "user_id, ak and sk");
  CHECK_REFUSED(api::alter_ram_user, ram_user(user("u"), "nobody"), "KV_TXN_GET_ERR", 500,
                "nobody");
  CHECK_REFUSED(api::alter_ram_user, ram_user(user("u"), "gone"), "CLUSTER_NOT_FOUND", 404, "gone");
}

TEST_CASE_METHOD(UsersFixture, "alter_ram_user sets and replaces the user", "[core][users]") {
  create("bare");
  const auto* instance_id = GENERATE("i", "bare");
  const auto request = ram_user(
      "{user_id: 'u', ak: 'ak-new', sk: 'plain-sk-new', external_id: 'x', encryption_info: "
      "{key_id: 9}}",
      instance_id);
  const auto shown_user = [&] {
    return api::to_json(call(api::get_instance, fmt::format("{{instance_id: '{}'}}", instance_id))
                            .instance()
                            .ram_user());
  };
  const auto* wanted =
      R"({"user_id":"u","ak":"ak-new","sk":"plain-sk-new","external_id":"x","encryption_info":)"
      R"({"encryption_method":"AES_256_GCM","key_id":"1"}})";
  CHECK(shown(api::alter_ram_user, request) == "{}");
  CHECK(shown_user() == wanted);
  CHECK(stored(instance_id).ram_user().sk() != "plain-sk-new");
  CHECK_FALSE(stored(instance_id).has_mtime());
  CHECK(shown(api::alter_ram_user, request) == "{}");
  CHECK(shown_user() == wanted);
  call(api::alter_ram_user, ram_user(user("other"), instance_id));
  CHECK_FALSE(stored(instance_id).ram_user().has_external_id());
}

TEST_CASE_METHOD(UsersFixture, "alter_iam needs every part of the user", "[core][users]") {
  const auto* incomplete =
      GENERATE("{}", "{ak: 'a', sk: 'plain-sk'}", "{account_id: 'u', sk: 'plain-sk'}",
               "{account_id: 'u', ak: 'a'}", "{account_id: '', ak: 'a', sk: 'plain-sk'}",
               "{account_id: 'u', ak: '', sk: 'plain-sk'}", "{account_id: 'u', ak: 'a', sk: ''}");
  CHECK_REFUSED(api::alter_iam, incomplete, "INVALID_ARGUMENT", 400, "account_id, ak and sk");
}

TEST_CASE_METHOD(UsersFixture, "alter_iam sets the user of all instances", "[core][users]") {
  CHECK(shown_instance().iam_user().external_id() == "i");
  CHECK(shown(api::alter_iam, "{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-iam'}") == "{}");
  create("j");
  const auto* instance_id = GENERATE("i", "j");
  const auto instance =
      call(api::get_instance, fmt::format("{{instance_id: '{}'}}", instance_id)).instance();
  CHECK(api::to_json(instance.iam_user()) ==
        R"({"user_id":"acc","ak":"ak-iam","sk":"plain-sk-iam","encryption_info":)"
        R"({"encryption_method":"AES_256_GCM","key_id":"1"}})");
  CHECK_FALSE(stored(instance_id).has_iam_user());
  pb::RamUserPB kept;
  REQUIRE(kept.ParseFromString(value(keys::arn_info_key()).value()));
  CHECK(kept.user_id() == "acc");
  CHECK(kept.sk() != "plain-sk-iam");
}

TEST_CASE_METHOD(UsersFixture, "alter_iam refuses what is there already and takes any change",
                 "[core][users]") {
  call(api::alter_iam, "{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-iam'}");
  const auto [request, outcome] = GENERATE(table<const char*, const char*>({
      {"{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-iam'}", "INVALID_ARGUMENT 400"},
      {"{account_id: 'new', ak: 'ak-iam', sk: 'plain-sk-iam'}", "accepted"},
      {"{account_id: 'acc', ak: 'ak-new', sk: 'plain-sk-iam'}", "accepted"},
      {"{account_id: 'acc', ak: 'ak-iam', sk: 'plain-sk-new'}", "accepted"},
  }));
  CAPTURE(request);
  CHECK(refusal(api::alter_iam, request, {}) == outcome);
}
