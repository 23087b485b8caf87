// SPDX-License-Identifier: Apache-2.0
#include "api/secret_text.h"

#include <fmt/format.h>
#include <algorithm>

#include <array>
#include <optional>

#include "api/hdfs_settings.h"
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

/// The secret whose name ends in front of `separator` and begins at `begin`; nothing when it has no
/// value.
std::optional<TextSecret> secret_after(std::string_view text, std::size_t begin,
                                       std::size_t separator) {
  TextSecret secret{.begin = begin};
  find_value(text, separator + 1, secret);
  return secret.value < secret.end ? std::optional(secret) : std::nullopt;
}

/// Where the word begins that ends the text: a name with dots in it.
std::size_t begin_of_word(std::string_view text) {
  auto at = text.size();
  while (at > 0 && (is_letter_or_digit(text[at - 1]) || joins_words(text[at - 1]))) --at;
  return at;
}

/// The end of a text that is looked at for what stands near; a line may have megabytes.
std::string_view nearby(std::string_view text) {
  constexpr std::size_t size = 4096;
  return text.substr(text.size() - std::min(text.size(), size));
}

/// True when the text ends inside the value of that option: `--name=...` or `--name ...`.
bool is_in_option(std::string_view text, std::string_view name) {
  text = nearby(text);
  const auto blank = text.find_last_of(" \t\n");
  const auto word = blank == npos ? text : text.substr(blank + 1);
  if (word.starts_with(name) && word.substr(name.size()).starts_with('=')) return true;
  return blank != npos && text.substr(0, blank).ends_with(name);
}

/// NAME=VALUE, NAME: VALUE and "NAME":VALUE of a setting of Hadoop, and NAME=VALUE as our options
/// --conf and --hdfs take it; but no HOST:PORT.
std::optional<TextSecret> hadoop_secret_at(std::string_view text, std::size_t separator) {
  const auto before = without_end_of_name(text.substr(0, separator));
  const auto begin = begin_of_word(before);
  const auto name = before.substr(begin);
  const auto in_front = before.substr(0, begin);
  const bool is_typed =  // But for fs_name, user and prefix in --hdfs.
      text[separator] == '=' && (is_in_option(in_front, "--conf") ||
                                 (name.find('.') != npos && is_in_option(in_front, "--hdfs")));
  const bool is_setting = is_typed || is_hadoop_setting(name);
  const bool is_host = in_front.ends_with('/') || in_front.ends_with('@') ||
                       (text[separator] == ':' && before.size() == separator &&
                        (separator + 1 == text.size() || !is_blank(text[separator + 1])));
  if (!is_setting || is_host || name.empty() || is_harmless_hdfs_setting(name)) return std::nullopt;
  return secret_after(text, begin, separator);
}

/// The value in "key": "NAME", "value": "VALUE", of which `separator` ends the key, when NAME is
/// that of a setting of Hadoop, or stands in a list of such.
std::optional<TextSecret> pair_secret_at(std::string_view text, std::size_t separator) {
  if (!without_end_of_name(text.substr(0, separator)).ends_with("key")) return std::nullopt;
  const auto name = secret_after(text, separator, separator);
  if (!name) return std::nullopt;
  const auto key = text.substr(name->value, name->end - name->value);
  const bool is_setting =
      is_hadoop_setting(key) || nearby(text.substr(0, separator)).find("hdfs_confs") != npos;
  if (!is_setting || is_harmless_hdfs_setting(key)) return std::nullopt;
  constexpr std::string_view value = "value";
  const auto word = std::min(text.find_first_not_of("\\\"', \t", name->end), text.size());
  if (!text.substr(word).starts_with(value)) return std::nullopt;
  const auto end = std::min(text.find_first_not_of("\\\"' \t", word + value.size()), text.size());
  if (end == text.size() || text[end] != ':') return std::nullopt;
  return secret_after(text, word, end);
}

std::optional<TextSecret> named_secret_at(std::string_view text, std::size_t separator) {
  const auto before = without_end_of_name(text.substr(0, separator));
  if (before.empty() || last_letters.find(lower(before.back())) == npos) return std::nullopt;
  for (const auto& name : secret_names) {
    const auto begin = begin_of(name, before);
    if (!begin) continue;
    auto secret = secret_after(text, *begin, separator);
    if (!secret) return std::nullopt;
    secret->is_access_key = name.is_access_key;
    secret->is_password = name.is_password;
    return secret;
  }
  return std::nullopt;
}

/// SCHEME://USER:PASSWORD@HOST, of which the colon at `at` ends the scheme.
std::optional<TextSecret> url_secret_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("://")) return std::nullopt;
  const auto user = at + 3;
  const auto end = std::min(text.find_first_of("/ \t\r\n\"'<>\\", user), text.size());
  const auto host = text.substr(user, end - user).rfind('@');
  const auto colon = text.substr(user, end - user).find(':');
  if (host == npos || colon == npos || colon + 1 >= host) return std::nullopt;
  return TextSecret{
      .begin = user, .value = user + colon + 1, .end = user + host, .is_password = true};
}

/// The command of a shell that has `at` in it, up to there.
std::string_view command_before(std::string_view text, std::size_t at) {
  const auto before = nearby(text.substr(0, at));
  const auto begin = before.find_last_of("\n;|&");
  return before.substr(begin == npos ? 0 : begin + 1);
}

/// An option whose value is a password, or USER:PASSWORD, in a command with the program in it.
struct SecretOption {
  std::string_view program;
  std::string_view name;
  bool is_joined = false;  // The value is part of the word.
  bool has_user = false;
};
constexpr std::array secret_options = {
    SecretOption{"mysql", "-p", true},       SecretOption{"mariadb", "-p", true},
    SecretOption{"sshpass", "-p", true},     SecretOption{"sshpass", "-p"},
    SecretOption{"redis-cli", "-a"},         SecretOption{"curl", "-u", true, true},
    SecretOption{"curl", "-u", false, true}, SecretOption{"curl", "--user", false, true},
};

/// The password of an option that begins with the dash at `at`.
std::optional<TextSecret> option_secret_at(std::string_view text, std::size_t at) {
  if (at > 0 && !is_blank(text[at - 1])) return std::nullopt;
  for (const auto& option : secret_options) {
    const auto end = at + option.name.size();
    if (!text.substr(at).starts_with(option.name) || end >= text.size()) continue;
    const bool is_apart =
        is_blank(text[end]) || (text[end] == '=' && option.name.starts_with("--"));
    if (option.is_joined == is_apart) continue;
    if (command_before(text, at).find(option.program) == npos) continue;
    auto secret = secret_after(text, at, end - (option.is_joined ? 1 : 0));
    const auto colon =
        secret && option.has_user ? text.substr(0, secret->end).find(':', secret->value) : npos;
    if (!secret || (option.has_user && (colon == npos || colon + 1 == secret->end)))
      return std::nullopt;
    if (option.has_user) secret->value = colon + 1;
    secret->is_password = true;
    return secret;
  }
  return std::nullopt;
}

std::optional<TextSecret> secret_at(std::string_view text, std::size_t separator) {
  if (auto secret = url_secret_at(text, separator)) return secret;
  if (auto secret = named_secret_at(text, separator)) return secret;
  if (auto secret = hadoop_secret_at(text, separator)) return secret;
  return pair_secret_at(text, separator);
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

/// The next place, from `at` on, at which separator_at or option_secret_at may find something; the
/// end of the text when there is none. Lines of logs have megabytes, nearly all of which this
/// skips.
std::size_t next_sign(std::string_view text, std::size_t at) {
  constexpr std::size_t window = 256;  // So that a sign that is rare is not searched to the end.
  for (; at < text.size(); at += window) {
    const auto part = text.substr(at, window);
    const auto sign = std::min({part.find('='), part.find(':'), part.find('-')});
    if (sign != npos) return at + sign;
  }
  return text.size();
}

}  // namespace

std::vector<TextSecret> find_secrets(std::string_view text) {
  std::vector<TextSecret> found;
  for (auto at = next_sign(text, 0); at < text.size(); at = next_sign(text, at + 1)) {
    const auto separator = separator_at(text, at);
    auto secret = separator ? secret_at(text, *separator) : std::nullopt;
    if (!secret && text[at] == '-') secret = option_secret_at(text, at);
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

std::string mask_url(std::string_view url) {
  const auto scheme = url.find("://");
  const bool has_scheme = scheme != npos;
  const auto user = has_scheme ? scheme + 3 : url.find('=') + 1;  // 0 without one.
  const auto at = url.substr(0, url.find_first_of(has_scheme ? "/" : "/?#", user)).rfind('@');
  if (at == npos || at < user) return std::string(url);
  const auto colon = url.substr(0, at).find(':', user);
  if (colon == npos && !has_scheme) return std::string(url);
  const auto password = colon == npos ? user : colon + 1;
  return fmt::format("{}{}{}", url.substr(0, password), masked_password, url.substr(at));
}

}  // namespace metactl::api
