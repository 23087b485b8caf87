// SPDX-License-Identifier: Apache-2.0
// The HTTP client: one libcurl handle, which keeps its connection between calls.

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "base/error.h"
#include "base/text.h"
#include "http/curl_errors.h"
#include "http/curl_library.h"
#include "http/curl_url.h"
#include "http/transport.h"

namespace metactl::http {

namespace {

constexpr std::size_t max_reply = 256UL << 20;

using HeaderLines = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;

constexpr auto json_type = "Content-Type: application/json";

// "Name:" takes away what libcurl would send by itself.
HeaderLines plain_headers(const Request& request) {
  HeaderLines lines(curl().slist_append(nullptr, "Expect:"), curl().slist_free_all);
  curl().slist_append(lines.get(), request.body.empty() ? "Content-Type:" : json_type);
  for (const auto& [name, value] : request.headers)
    curl().slist_append(lines.get(), fmt::format("{}: {}", name, value).c_str());
  return lines;
}

// S3 demands the hash of the body, which libcurl 7.88 signs but does not add. It would sign a
// "Name:" too, which is not sent, so that the signature would be wrong.
HeaderLines signed_headers(const std::string& body) {
  const auto hash = "x-amz-content-sha256: " + text::hex(crypto::sha256(body));
  HeaderLines lines(curl().slist_append(nullptr, hash.c_str()), curl().slist_free_all);
  if (!body.empty()) curl().slist_append(lines.get(), json_type);
  return lines;
}

std::string url_of(const ServerUrl& server, const Request& request) {
  auto url = server.prefix + request.path;
  if (!request.query.empty()) url += "?" + request.query;
  return url;
}

// Methods that change nothing, whoever uses them (RFC 9110, section 9.2.1).
bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD";
}

// How long a call may take; 0 is no limit.
std::chrono::milliseconds limit_of(const Request& request, std::chrono::milliseconds usual) {
  if (!request.limit) return usual;
  return usual.count() == 0 ? *request.limit : std::min(*request.limit, usual);
}

// Methods whose requests have no Content-Length when there is no body (RFC 9110, section 8.6).
bool expects_no_body(std::string_view method) {
  return method == "GET" || method == "DELETE" || method == "OPTIONS";
}

}  // namespace

const CurlLibrary& curl() {
  static const CurlLibrary library = [] {
    CurlLibrary loaded;
    // 3 ms to load, 0.4 ms here, for OpenSSL: no flag of libcurl 7.88 avoids that.
    if (loaded.global_init(CURL_GLOBAL_NOTHING) != CURLE_OK)
      throw Error(Reason::internal, "libcurl cannot be initialized");
    return loaded;
  }();
  return library;
}

struct CurlTransport::State {
  ServerUrl server;
  std::chrono::milliseconds timeout;
  bool is_signed;
  std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> handle{curl().easy_init(),
                                                               curl().easy_cleanup};
  Reply reply{};
  CurlFailure failure{};
  bool header_complete = false;
  const OnBytes* on_bytes = nullptr;  // Of a stream.
  bool is_stopped = false;            // By it.
  std::exception_ptr thrown{};        // By it, too.

  template <typename Value>
  void set(CURLoption option, Value value) {
    if (curl().easy_setopt(handle.get(), option, value) != CURLE_OK)
      throw Error(Reason::internal, fmt::format("libcurl refuses its option {}", int{option}));
  }

  void set_up();
  void set_credentials(const Credentials& credentials);
  void prepare(const Request& request);
  CURLcode perform(const Request& request);
  int status() const;
  [[noreturn]] void fail(CURLcode code);
  bool hand_on(std::string_view bytes) noexcept;
  Reply take_reply();

  static int on_progress(void* state, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept;
  static std::size_t on_data(char* data, std::size_t size, std::size_t count, void* state) noexcept;
  static std::size_t on_header(const char* line, std::size_t size, std::size_t count,
                               void* state) noexcept;
  static int before_sending(void* state, char*, char*, int, int) noexcept;
};

void CurlTransport::State::set_up() {
  if (!handle) throw Error(Reason::internal, "libcurl cannot be initialized");
  set(CURLOPT_USERAGENT, "metactl");
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_WRITEFUNCTION, &State::on_data);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &State::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_PREREQFUNCTION, &State::before_sending);
  set(CURLOPT_PREREQDATA, this);
  if (server.loopback) set(CURLOPT_PROXY, "");  // Not even if http_proxy is set.
}

// Not CURLOPT_USERPWD, which ends the user at the first ':'.
void CurlTransport::State::set_credentials(const Credentials& credentials) {
  if (credentials.user.empty()) return;
  set(CURLOPT_USERNAME, credentials.user.c_str());
  set(CURLOPT_PASSWORD, credentials.password.c_str());
  if (is_signed) set(CURLOPT_AWS_SIGV4, credentials.aws_sigv4.c_str());
}

void CurlTransport::State::prepare(const Request& request) {
  reply = {};
  header_complete = false;
  is_stopped = false;
  thrown = nullptr;
  const auto limit = limit_of(request, timeout);
  failure = {.server = server.shown,
             .timeout = limit,
             .is_read = request.is_read || is_safe(request.method)};

  // The body first, since these options choose a method; then the method that we want.
  set(CURLOPT_HTTPGET, 1L);
  if (request.method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (!request.body.empty() || !expects_no_body(request.method)) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  set(CURLOPT_TIMEOUT_MS, long{limit.count()});
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_URL, url_of(server, request).c_str());
}

std::size_t CurlTransport::State::on_data(char* data, std::size_t size, std::size_t count,
                                          void* state) noexcept {
  auto& self = *static_cast<State*>(state);
  const auto bytes = size * count;
  if (self.on_bytes && self.status() == 200)
    return self.hand_on({data, bytes}) ? bytes : CURL_WRITEFUNC_ERROR;
  self.failure.too_large = self.reply.body.size() + bytes > max_reply;
  if (self.failure.too_large) return CURL_WRITEFUNC_ERROR;
  try {
    self.reply.body.append(data, bytes);
  } catch (const std::exception&) {  // No memory.
    return CURL_WRITEFUNC_ERROR;
  }
  return bytes;
}

bool CurlTransport::State::hand_on(std::string_view bytes) noexcept {
  if (is_stopped || thrown) return false;  // libcurl tells of progress at the end, too.
  try {
    is_stopped = !(*on_bytes)(bytes);
  } catch (...) {
    thrown = std::current_exception();
  }
  return !is_stopped && !thrown;
}

// Called about once a second, also when nothing arrives: `on_bytes` gets "", so that it can end a
// silent stream.
int CurlTransport::State::on_progress(void* state, curl_off_t, curl_off_t, curl_off_t,
                                      curl_off_t) noexcept {
  return static_cast<State*>(state)->hand_on({}) ? 0 : 1;
}

// Called with each line. A connection that breaks inside the header is a good reply to
// libcurl 7.88.
std::size_t CurlTransport::State::on_header(const char* line, std::size_t size, std::size_t count,
                                            void* state) noexcept {
  auto& complete = static_cast<State*>(state)->header_complete;
  const std::string_view text(line, size * count);
  if (text.starts_with("HTTP/")) complete = false;  // Again after "100 Continue".
  if (text == "\r\n" || text == "\n") complete = true;
  return text.size();
}

// Called when connected. libcurl sends a request again when the connection it kept turns out to be
// dead, but the server may have died while it worked on it: a change must not be made twice.
int CurlTransport::State::before_sending(void* state, char*, char*, int, int) noexcept {
  auto& failure = static_cast<State*>(state)->failure;
  if (failure.sent) return CURL_PREREQFUNC_ABORT;
  failure.sent = true;
  return CURL_PREREQFUNC_OK;
}

int CurlTransport::State::status() const {
  long status = 0;
  curl().easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

Reply CurlTransport::State::take_reply() {
  reply.status = status();
  const char* type = nullptr;
  curl().easy_getinfo(handle.get(), CURLINFO_CONTENT_TYPE, &type);
  if (type != nullptr) reply.content_type = type;
  const auto next = [&](curl_header* previous) {
    return curl().easy_nextheader(handle.get(), CURLH_HEADER, -1, previous);
  };
  for (auto* header = next(nullptr); header != nullptr; header = next(header))
    reply.headers.emplace(header->name, header->value);
  return std::move(reply);
}

CurlTransport::CurlTransport(const std::string& base_url, std::chrono::milliseconds timeout,
                             const Credentials& credentials)
    : state_(new State{
          .server = parse_server_url(base_url),
          .timeout = timeout,
          .is_signed = !credentials.user.empty() && !credentials.aws_sigv4.empty(),
      }) {
  state_->set_up();
  state_->set_credentials(credentials);
}

CurlTransport::~CurlTransport() = default;

CURLcode CurlTransport::State::perform(const Request& request) {
  const auto headers = is_signed ? signed_headers(request.body) : plain_headers(request);
  prepare(request);
  set(CURLOPT_HTTPHEADER, headers.get());
  const auto code = curl().easy_perform(handle.get());
  set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  return code == CURLE_OK && !header_complete ? CURLE_RECV_ERROR : code;
}

void CurlTransport::State::fail(CURLcode code) {
  curl().easy_getinfo(handle.get(), CURLINFO_OS_ERRNO, &failure.os_error);
  throw error_of(code, failure);
}

Reply CurlTransport::send(const Request& request) {
  const auto code = state_->perform(request);
  if (code != CURLE_OK) state_->fail(code);
  return state_->take_reply();
}

CurlTransport::Streamed CurlTransport::stream(const Request& request, const OnBytes& on_bytes,
                                              std::chrono::milliseconds limit) {
  auto& state = *state_;
  const auto usual = std::exchange(state.timeout, limit);
  state.on_bytes = &on_bytes;
  state.set(CURLOPT_CONNECTTIMEOUT_MS, long{usual.count()});
  state.set(CURLOPT_XFERINFOFUNCTION, &State::on_progress);
  state.set(CURLOPT_XFERINFODATA, &state);
  state.set(CURLOPT_NOPROGRESS, 0L);
  const auto code = state.perform(request);
  state.set(CURLOPT_NOPROGRESS, 1L);
  state.set(CURLOPT_CONNECTTIMEOUT_MS, 0L);
  state.on_bytes = nullptr;
  state.timeout = usual;

  if (state.thrown) std::rethrow_exception(state.thrown);
  if (state.is_stopped) return {state.take_reply(), End::stopped};
  const bool is_open = state.header_complete && state.status() == 200;
  if (code == CURLE_OPERATION_TIMEDOUT && is_open) return {state.take_reply(), End::timed_out};
  if (code != CURLE_OK) state.fail(code);
  return {state.take_reply(), End::ended};
}

std::string CurlTransport::reply_header(const std::string& name) const {
  curl_header* header = nullptr;
  const auto found =
      curl().easy_header(state_->handle.get(), name.c_str(), 0, CURLH_HEADER, -1, &header);
  return found == CURLHE_OK ? header->value : "";
}

}  // namespace metactl::http
