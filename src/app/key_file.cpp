// SPDX-License-Identifier: Apache-2.0
#include "app/key_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>

#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/files.h"
#include "cli/prepared_key.h"
#include "core/secrets.h"

namespace metactl::app {
namespace {

constexpr std::size_t key_size = 32;

std::string parse(const std::string& content, const std::string& path) {
  auto key = text::unhex(text::trim(content));
  if (!key || key->size() != key_size)
    throw Error(Reason::integrity,
                fmt::format("'{}' is not a key file: it must hold 64 hexadecimal digits", path),
                "put the key file back, or name it with --key-file");
  return *key;
}

/// Nothing when there is no such file.
std::optional<std::string> read_key(const std::string& path) {
  try {
    return parse(cli::read_file(path, cli::largest_secret), path);
  } catch (const Error& error) {
    if (error.reason() == Reason::not_found) return std::nullopt;
    throw;
  }
}

}  // namespace

std::string KeyFile::key(const std::optional<std::string>& fingerprint) {
  const std::lock_guard lock(mutex_);
  const bool fits =
      !key_.empty() && (!fingerprint || core::Secrets::fingerprint(key_) == *fingerprint);
  if (!fits) key_ = fingerprint ? found(*fingerprint) : made_or_found();
  return key_;
}

std::string KeyFile::made_or_found() const {
  if (auto key = read_key(path_)) return *key;
  auto fresh = crypto::random_bytes(key_size);
  if (cli::create_private_file(path_, text::hex(fresh) + "\n")) return fresh;
  return parse(cli::read_file(path_, cli::largest_secret), path_);  // Another process was quicker.
}

std::string KeyFile::found(const std::string& fingerprint) const {
  const auto fits = [&](const std::optional<std::string>& key) {
    return key && core::Secrets::fingerprint(*key) == fingerprint;
  };
  if (const auto key = read_key(path_); fits(key)) return *key;
  if (const auto prepared = read_key(cli::prepared_key_path(path_, fingerprint)); fits(prepared)) {
    try {
      commit(fingerprint);
    } catch (const Error& error) {  // Where nothing can be written, the key can be read.
      if (error.reason() != Reason::denied) throw;
    }
    return *prepared;
  }
  const auto key = read_key(path_);  // Another process may have put it in place meanwhile.
  if (fits(key)) return *key;
  throw Error(Reason::integrity,
              fmt::format("cannot decrypt the secrets of this state: {} '{}' {}",
                          key ? "the key in" : "its key file", path_,
                          key ? "is not the one that they were encrypted with" : "is missing"),
              "put the key file back, or name it with --key-file");
}

std::string KeyFile::prepare() const {
  auto fresh = crypto::random_bytes(key_size);
  auto file = std::make_unique<cli::PrivateFile>(
      cli::prepared_key_path(path_, core::Secrets::fingerprint(fresh)));
  file->write(text::hex(fresh) + "\n");
  file->replace();
  const std::lock_guard lock(mutex_);
  prepared_.push_back(std::move(file));
  return fresh;
}

void KeyFile::commit(const std::string& fingerprint) const {
  const auto prepared = cli::prepared_key_path(path_, fingerprint);
  if (std::rename(prepared.c_str(), path_.c_str()) == 0 || errno == ENOENT) return;
  throw cli::file_error(fmt::format("rename '{}' to", prepared), path_, errno);
}

void KeyFile::abandon(const std::string& fingerprint) const {
  std::remove(cli::prepared_key_path(path_, fingerprint).c_str());
}

}  // namespace metactl::app
