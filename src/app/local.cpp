// SPDX-License-Identifier: Apache-2.0
#include "app/local.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <mutex>

#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/files.h"

namespace metactl::app {
namespace {

constexpr std::size_t key_size = 32;

/// The key beside a state: 64 hexadecimal digits in a file of mode 0600. Read once.
class KeyFile {
 public:
  explicit KeyFile(const std::string& state_path) : path_(state_path + ".key") {}

  std::string key(bool create) {
    const std::lock_guard lock(mutex_);
    if (key_.empty()) key_ = load(create);
    return key_;
  }

 private:
  std::string load(bool create) const {
    try {
      return parse(cli::read_secret_file(path_));
    } catch (const Error& error) {
      if (error.reason() != Reason::not_found) throw;
    }
    if (!create)
      throw Error(
          Reason::integrity,
          fmt::format("cannot decrypt the secrets of this state: its key file '{}' is missing",
                      path_),
          "put the key file back");
    auto fresh = crypto::random_bytes(key_size);
    if (cli::create_private_file(path_, text::hex(fresh) + "\n")) return fresh;
    return parse(cli::read_secret_file(path_));  // Another process was quicker.
  }

  std::string parse(const std::string& digits) const {
    auto key = text::unhex(digits);
    if (!key || key->size() != key_size)
      throw Error(Reason::integrity,
                  fmt::format("'{}' is not a key file: it must hold 64 hexadecimal digits", path_));
    return *key;
  }

  const std::string path_;
  std::mutex mutex_;
  std::string key_;
};

std::int64_t now_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

}  // namespace

core::Environment local_environment(const std::string& state_path, const core::Settings& settings) {
  const auto file = std::make_shared<KeyFile>(state_path);
  return {now_ms, crypto::random_bytes,
          core::Secrets([file](bool create) { return file->key(create); }), settings};
}

std::string local_actor() {
  const auto* user = ::getpwuid(::getuid());
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return fmt::format("{}@{}", user ? user->pw_name : std::to_string(::getuid()), host.data());
}

}  // namespace metactl::app
