// SPDX-License-Identifier: Apache-2.0
// Asks an object store that speaks S3 whether it accepts keys for a bucket.
#pragma once

#include <chrono>
#include <string>

namespace metactl::http {

struct Bucket {
  std::string endpoint;     // HOST[:PORT], which means https, or http[s]://HOST[:PORT].
  std::string region;       // "eu-west-1"
  std::string bucket;       // "books"
  bool path_style = false;  // https://HOST/BUCKET; else https://BUCKET.HOST
  std::string ak;           // Access key id.
  std::string sk;           // Secret key; neither sent nor in any error text.
};

/// Returns when the store accepts the keys for the bucket. Changes nothing there. Sends a signed
/// HEAD, and when it is refused a signed GET of an empty list, whose body tells why; either may
/// take `timeout`. Both need the permission s3:ListBucket. A store looks at the key id, then the
/// signature, then permissions, so its AccessDenied says that the keys are right. That is an error
/// all the same: a vault must be listed to be cleaned, and it is also the answer for a bucket that
/// belongs to somebody else.
///
/// Throws Error: precondition (wrong key id, wrong secret key, no permission, clocks apart; the
/// text says which if the store does), not_found (no such bucket), usage (malformed endpoint,
/// region, bucket or keys, which nothing is sent for; another region, which is named if the store
/// does; a web page instead of a store), unreachable, denied (TLS), internal (any other answer).
/// Source of the codes: Amazon S3 API Reference, Error responses.
void head_bucket(const Bucket& bucket, std::chrono::milliseconds timeout);

}  // namespace metactl::http
