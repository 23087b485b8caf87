// SPDX-License-Identifier: Apache-2.0
// Secrets in texts that nobody knows the structure of, such as log lines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace metactl::api {

/// A secret at [value, end) of a text; its name begins at `begin`.
struct TextSecret {
  std::size_t begin = 0;
  std::size_t value = 0;
  std::size_t end = 0;
  bool is_access_key = false;
  bool is_password = false;  // Chosen by people: nothing at all of it is shown.
};

/// The values of secrets in a text of any lines, in order: NAME=VALUE, NAME: VALUE and "NAME":
/// VALUE, as JSON (in a string of JSON too), the text of protobuf messages, queries of URLs and
/// settings have them, and --NAME VALUE. A name, in any case, is ak or sk, alone or behind other
/// than a letter or digit, pwd likewise, or ends with token, secret, password, access_key, keytab
/// and the like. So are the settings of Hadoop that are not known as harmless, also as "key": NAME,
/// "value": VALUE. A scheme such as Bearer in front of a value is none. A value is a quoted string,
/// or goes to the next blank, quote, bracket, or one of &,;. Passwords are found in the user part
/// of URLs, and after -p of a command with mysql or mariadb in it, -a of redis-cli and the colon of
/// curl's -u. No value goes beyond its line, and none is empty.
std::vector<TextSecret> find_secrets(std::string_view text);

/// What is shown in place of the secret: access keys keep their middle, passwords that people chose
/// become `masked_password`, all else becomes a fingerprint, as in `mask_secrets`. A fingerprint
/// stays as it is.
std::string masked(const TextSecret& secret, std::string_view text);

/// The text with all its secrets masked.
std::string mask_text(std::string_view text);

/// A URL as it may be shown: the password of its user masked, http://ops:******@host, or a user
/// alone, who may be a token. The same for USER:PASSWORD@HOST, also behind NAME=.
std::string mask_url(std::string_view url);

}  // namespace metactl::api
