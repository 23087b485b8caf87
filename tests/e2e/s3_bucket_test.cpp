// SPDX-License-Identifier: Apache-2.0
// Keys and buckets asked of a real store that verifies signatures; `./dev test` installs it.

#include "http/s3_bucket.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/e2e/metactl.h"

namespace metactl::tests {
namespace {

const std::filesystem::path modules = METACTL_SOURCE_DIR "/build/s3/node_modules";

/// The store with the bucket "books", and how to ask for it with keys that it accepts.
class Store {
 public:
  http::Bucket bucket() const {
    return {.endpoint = "http://127.0.0.1:" + port_,
            .region = "eu-1",
            .bucket = "books",
            .path_style = true,
            .ak = "S3RVER",
            .sk = "S3RVER"};
  }
  http::Bucket virtual_host() const {
    auto result = bucket();
    result.endpoint = "http://s3.localhost:" + port_;
    result.path_style = false;
    return result;
  }

 private:
  static Launch launch(const TempDir& folder) {
    const char* path = std::getenv("PATH");
    return {.arguments = {"/usr/bin/env", "node", METACTL_SOURCE_DIR "/tests/s3/server.js",
                          folder.path(), "books"},
            .environment = {{"PATH", path != nullptr ? path : ""}, {"NODE_PATH", modules}}};
  }

  const TempDir folder_;
  Process process_{launch(folder_)};
  const std::string port_ = process_.line();
};

/// "accepted", or the reason and the text of the error.
std::string outcome(const http::Bucket& bucket) {
  try {
    http::head_bucket(bucket, patient);
    return "accepted";
  } catch (const Error& error) {
    return fmt::format("{}: {}", info(error.reason()).name, error.what());
  }
}

}  // namespace

TEST_CASE("a real store is asked for a bucket", "[e2e][s3]") {
  if (!std::filesystem::exists(modules / ".package-lock.json")) {  // npm writes it last.
    WARN("skipped: the S3 server is not installed; './dev test' does that where npm works");
    return;
  }
  const Store store;
  for (const auto& good : {store.bucket(), store.virtual_host()}) {
    INFO(good.endpoint);
    CHECK(outcome(good) == "accepted");

    auto odd = good;
    odd.ak = "odd:key";
    odd.sk = "a/b+c=:d %";
    CHECK(outcome(odd) == "accepted");

    auto wrong_secret = good;
    wrong_secret.sk = "wrong";
    CHECK(outcome(wrong_secret) ==
          "precondition: cannot use bucket 'books': the secret key does not belong to the access "
          "key id (HTTP 403, SignatureDoesNotMatch)");

    auto wrong_key = good;
    wrong_key.ak = "wrong";
    CHECK(outcome(wrong_key) ==
          "precondition: cannot use bucket 'books': the access key id is unknown (HTTP 403, "
          "InvalidAccessKeyId)");

    auto wrong_name = good;
    wrong_name.bucket = "films";
    CHECK(outcome(wrong_name) ==
          "not_found: cannot use bucket 'films': there is no such bucket (HTTP 404, "
          "NoSuchBucket)");
  }
}

}  // namespace metactl::tests
