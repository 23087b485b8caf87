// SPDX-License-Identifier: Apache-2.0
// Keys and buckets asked of a real store that verifies signatures; `./dev test` installs it.

#include "http/s3_bucket.h"

#include <catch2/catch.hpp>

#include "tests/e2e/metactl.h"
#include "tests/support/s3_store.h"

namespace metactl::tests {
namespace {

/// The store with the bucket "books", and how to ask for it with keys that it accepts.
class Store : S3Store {
 public:
  http::Bucket bucket() const {
    return {.endpoint = endpoint(),
            .region = "eu-1",
            .bucket = "books",
            .path_style = true,
            .ak = "S3RVER",
            .sk = "S3RVER"};
  }
  http::Bucket virtual_host() const {
    auto result = bucket();
    result.endpoint = virtual_host_endpoint();
    result.path_style = false;
    return result;
  }
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
  if (!S3Store::is_installed()) {
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
