// SPDX-License-Identifier: Apache-2.0
#include "api/secret_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "api/mask.h"
#include "base/text.h"

namespace metactl::api {
namespace {

constexpr auto npos = std::string_view::npos;

struct SecretName {
  std::string_view end;  // Lower case, without what joins words.
  bool whole_word = false;
  bool is_access_key = false;
  bool is_password = false;
};

/// The first that fits is taken.
constexpr std::array secret_names = {
    SecretName{"sk", true},
    SecretName{"ak", true, true},
    SecretName{"token"},
    SecretName{"secretaccesskey"},
    SecretName{"secretkey"},
    SecretName{"secret"},
    SecretName{"accesskey", false, true},
    SecretName{"accesskeyid", false, true},
    SecretName{"password"},
    SecretName{"passwd"},
    SecretName{"pwd", true, false, true},
    SecretName{"credential"},
    SecretName{"authorization"},
    SecretName{"privatekey"},
    SecretName{"encryptionkey"},
    SecretName{"principal"},
    SecretName{"keytab"},
    SecretName{"valuehex"},  // In replies of set_value: a whole record.
};

/// What the names in the table end with, which most others do not.
constexpr std::string_view last_letters = "kntydlbx";

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool joins_words(char c) {
  return c == '_' || c == '.' || c == '-';
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Where `name` begins when it ends the text; what joins words is skipped.
std::optional<std::size_t> begin_of(const SecretName& name, std::string_view text) {
  auto at = text.size();
  for (auto left = name.end.size(); left > 0;) {
    if (at == 0) return std::nullopt;
    const char c = text[--at];
    if (joins_words(c) && left < name.end.size()) continue;
    if (lower(c) != name.end[--left]) return std::nullopt;
  }
  if (name.whole_word && at > 0 && is_letter_or_digit(text[at - 1])) return std::nullopt;
  return at;
}

/// `text` without the blanks, and a quotation mark in front of these, that it ends with.
std::string_view without_end_of_name(std::string_view text) {
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  if (text.ends_with('"') || text.ends_with('\'')) text.remove_suffix(1);
  while (text.ends_with('\\')) text.remove_suffix(1);
  return text;
}

/// Where the quoted string ends that begins at `from`, behind a quotation mark with `depth`
/// backslashes in front: at a mark with no more of them, or with escaped backslashes only.
std::size_t quoted_end(std::string_view text, std::size_t from, char mark, std::size_t depth) {
  std::size_t slashes = 0;
  for (auto at = from; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == mark && (slashes <= depth || (depth == 0 && slashes % 2 == 0)))
      return at - std::min(slashes, depth);
    slashes = text[at] == '\\' ? slashes + 1 : 0;
  }
  return std::min(text.find('\n', from), text.size());
}

/// What stands in front of a secret in the header Authorization.
bool is_scheme(std::string_view word) {
  const auto upper = text::upper(word);
  return upper == "BEARER" || upper == "BASIC" || upper == "TOKEN";
}

/// The value behind the separator that stands in front of `from`.
void find_value(std::string_view text, std::size_t from, TextSecret& secret) {
  for (bool is_behind_scheme = true; is_behind_scheme;) {
    from = std::min(text.find_first_not_of(" \t", from), text.size());
    const auto mark = std::min(text.find_first_not_of('\\', from), text.size());
    if (mark < text.size() && (text[mark] == '"' || text[mark] == '\'')) {
      secret.value = mark + 1;
      secret.end = quoted_end(text, secret.value, text[mark], mark - from);
      return;
    }
    secret.value = from;
    secret.end = std::min(text.find_first_of(" \t\r\n\v\f\"'&,;()[]{}<>", from), text.size());
    is_behind_scheme = secret.end < text.size() && text[secret.end] == ' ' &&
                       is_scheme(text.substr(from, secret.end - from));
    from = secret.end;
  }
}

std::optional<TextSecret> secret_at(std::string_view text, std::size_t separator) {
  const auto before = without_end_of_name(text.substr(0, separator));
  if (before.empty() || last_letters.find(lower(before.back())) == npos) return std::nullopt;
  for (const auto& name : secret_names) {
    const auto begin = begin_of(name, before);
    if (!begin) continue;
    TextSecret secret{
        .begin = *begin, .is_access_key = name.is_access_key, .is_password = name.is_password};
    find_value(text, separator + 1, secret);
    return secret.value < secret.end ? std::optional(secret) : std::nullopt;
  }
  return std::nullopt;
}

/// Where the name ends that may be that of a secret: at a sign here, or, as `--name value` has it,
/// at a blank.
std::optional<std::size_t> separator_at(std::string_view text, std::size_t at) {
  if (text[at] == '=' || text[at] == ':') return at;
  const bool begins_word = at == 0 || is_blank(text[at - 1]);  // So that no word is read twice.
  if (text[at] != '-' || !begins_word || !text.substr(at).starts_with("--")) return std::nullopt;
  const auto end = text.find_first_of(" \t\n=:", at);
  const bool is_flag = end != npos && text[end] != '=' && text[end] != ':' && text[end] != '\n' &&
                       !text.substr(end + 1).starts_with("--");
  return is_flag ? std::optional(end) : std::nullopt;
}

}  // namespace

std::vector<TextSecret> find_secrets(std::string_view text) {
  std::vector<TextSecret> found;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto separator = separator_at(text, at);
    if (!separator) continue;
    const auto secret = secret_at(text, *separator);
    if (!secret) continue;
    found.push_back(*secret);
    at = secret->end - 1;
  }
  return found;
}

std::string masked(const TextSecret& secret, std::string_view text) {
  const auto value = text.substr(secret.value, secret.end - secret.value);
  if (secret.is_password) return std::string(masked_password);
  if (secret.is_access_key) return mask_access_key(value);
  return is_fingerprint(value) ? std::string(value) : fingerprint(value);
}

std::string mask_text(std::string_view text) {
  std::string result;
  std::size_t done = 0;
  for (const auto& secret : find_secrets(text)) {
    result += text.substr(done, secret.value - done);
    result += masked(secret, text);
    done = secret.end;
  }
  return result.append(text.substr(done));
}

}  // namespace metactl::api
