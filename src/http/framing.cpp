// SPDX-License-Identifier: Apache-2.0
#include "http/framing.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/status.hpp>
#include <ctime>
#include <limits>

#include "base/text.h"

namespace metactl::http {

namespace {

namespace beast = boost::beast::http;
using boost::system::error_code;
using BoostView = boost::beast::string_view;

constexpr std::size_t max_extension = 256;
constexpr std::size_t max_chunk_line = 8 * 1024;  // With all trailers, for the last one.

std::string_view view(BoostView text) {
  return {text.data(), text.size()};
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < ' ' && byte != '\t') || byte == 0x7f;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_control);
}

/// HOST[:PORT]; IPv6 in brackets; the host may be empty. Source: RFC 3986, section 3.2.2.
bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    const auto end = std::min(text.find(']'), text.size() - 1);
    if (text[end] != ']' || !text::consists_of(text.substr(1, end - 1), ":.")) return false;
    text.remove_prefix(end + 1);
  } else {
    const auto name = text.substr(0, text.find(':'));
    if (!name.empty() && !text::consists_of(name, "-._~%!$&'()*+,;=")) return false;
    text.remove_prefix(name.size());
  }
  if (text.empty()) return true;
  return text[0] == ':' && text.size() <= 6 &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Finds the end of a header, and what Beast lets pass on the way there.
class LineScanner {
 public:
  /// The header's size, 0 when its end has not come. `bytes` begin with those of the last call.
  std::size_t find_end(std::string_view bytes) {
    while (fault_ == nullptr) {
      if (line_ > 0 && line_ < bytes.size() && (bytes[line_] == ' ' || bytes[line_] == '\t'))
        fault_ = "a header line begins with a blank";
      const auto end = bytes.find('\n', std::max(searched_, line_));
      if (end == std::string_view::npos) break;
      if (end == line_ || bytes[end - 1] != '\r') fault_ = "a line does not end with CR LF";
      const bool is_empty = end == line_ + 1;
      line_ = end + 1;
      if (is_empty && fault_ == nullptr) return line_;
    }
    searched_ = bytes.size();
    return 0;
  }
  /// What is wrong with the lines so far, or null.
  const char* fault() const { return fault_; }
  bool has_request_line() const { return line_ > 0; }

 private:
  std::size_t line_ = 0;  // Where it begins.
  std::size_t searched_ = 0;
  const char* fault_ = nullptr;
};

}  // namespace

Reply refusal(int status, std::string_view why) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = fmt::format("{}\n", why),
          .headers = {{"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Content-Type-Options", "nosniff"}}};
}

/// One request: Beast calls the functions at the end.
class RequestReader::Parser final : public beast::basic_parser<true> {
 public:
  explicit Parser(Request& request) : request_(request) {
    header_limit(max_header);
    body_limit(boost::none);
    request.method.clear();
    request.headers.clear();
    request.body.clear();
  }

  LineScanner lines{};

  /// The whole header.
  std::optional<Reply> read_header(std::string_view bytes) {
    error_code error;
    put({bytes.data(), bytes.size()}, error);
    if (!error) check_header(error);
    return error ? std::optional(refusal_of(error)) : std::nullopt;
  }

  Chunks read_chunks(std::string_view bytes, std::string& body, const Admit& admit) {
    body_ = &body;
    admit_ = &admit;
    Chunks chunks;
    while (!is_done() && chunks.taken < bytes.size() && !chunks.refusal) {
      const auto rest = bytes.substr(chunks.taken);
      error_code error;
      chunks.taken += put({rest.data(), rest.size()}, error);
      if (error == beast::error::need_more) {
        if (rest.size() < max_chunk_line) break;
        chunks.refusal = refusal(400, "malformed request: the line of a chunk is too long");
      } else if (error) {
        chunks.refusal = refused_ ? std::move(refused_) : refusal_of(error);
      }
    }
    chunks.is_last = is_done();
    return chunks;
  }

  bool expects_continue() const { return expects_continue_; }
  After after() const {
    if (!keep_alive()) return After::end;
    return is_http_1_0_ ? After::next_request_of_http_1_0 : After::next_request;
  }

 private:
  void refuse(error_code& error, const char* why, int status = 400) {
    why_ = why;
    status_ = status;
    error = beast::error::bad_value;
  }

  Reply refusal_of(const error_code& error) const {
    return refusal(status_, "malformed request: " + (why_ != nullptr ? why_ : error.message()));
  }

  void check_header(error_code& error) {
    if (is_http_1_0_ && chunked()) refuse(error, "HTTP/1.0 has no Transfer-Encoding");
    if (!is_http_1_0_ && hosts_ == 0) refuse(error, "no Host header");
    if (!authority_.empty()) request_.headers["Host"] = authority_;
  }

  void set_target(std::string_view target, error_code& error) {
    target = target.substr(0, target.find('#'));  // A fragment is the client's own affair.
    constexpr std::string_view scheme = "http://";
    if (text::lower(target.substr(0, scheme.size())) == scheme) {
      target.remove_prefix(scheme.size());
      authority_ = target.substr(0, target.find_first_of("/?"));
      target.remove_prefix(authority_.size());
      if (authority_.empty() || !is_host(authority_)) refuse(error, "bad host in the target");
    } else if (!target.starts_with('/') && !target.starts_with('*')) {
      refuse(error, "the target is no path");
    }
    const auto path = target.substr(0, target.find('?'));
    request_.path = path.empty() ? "/" : path;
    request_.query = target.substr(std::min(path.size() + 1, target.size()));
  }

  void on_request_impl(beast::verb, BoostView method, BoostView target, int version,
                       error_code& error) override {
    request_.method = view(method);
    is_http_1_0_ = version == 10;
    set_target(view(target), error);
  }

  // Called for trailers too.
  void on_field_impl(beast::field field, BoostView name, BoostView value,
                     error_code& error) override {
    if (is_header_over_) {
      trailers_ += name.size() + value.size();
      if (trailers_ > max_chunk_line) refuse(error, "the trailers are too large");
      return;
    }
    if (++headers_ > max_headers) return refuse(error, "too many headers", 431);
    switch (field) {
      case beast::field::host:
        if (++hosts_ > 1) return refuse(error, "two Host headers");
        if (!is_host(view(value))) return refuse(error, "bad Host");
        break;
      case beast::field::content_length:
        // Beast takes equal ones, and lists of them.
        if (++lengths_ > 1) return refuse(error, "two Content-Length headers");
        if (value.find(',') != BoostView::npos) return refuse(error, "bad Content-Length");
        break;
      case beast::field::transfer_encoding:
        // Beast takes all but chunked for the business of others.
        if (text::lower(view(value)) != "chunked") return refuse(error, "bad Transfer-Encoding");
        break;
      case beast::field::expect:
        expects_continue_ = !is_http_1_0_ && text::lower(view(value)) == "100-continue";
        break;
      default:
        break;
    }
    request_.headers.emplace(view(name), view(value));
  }

  void on_header_impl(error_code&) override { is_header_over_ = true; }

  void on_chunk_header_impl(std::uint64_t size, BoostView extension, error_code& error) override {
    if (extension.size() > max_extension || has_control(view(extension)))
      return refuse(error, "bad chunk extension");
    const auto all = size + std::min<std::uint64_t>(body_->size(), ~size);
    refused_ = (*admit_)(all);
    if (refused_) refuse(error, "");
  }

  std::size_t on_chunk_body_impl(std::uint64_t, BoostView content, error_code&) override {
    body_->append(content.data(), content.size());
    return content.size();
  }

  void on_response_impl(int, BoostView, int, error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(BoostView, error_code&) override { return 0; }
  void on_finish_impl(error_code&) override {}

  Request& request_;
  std::string authority_;
  bool is_http_1_0_ = false;
  bool is_header_over_ = false;
  bool expects_continue_ = false;
  std::size_t headers_ = 0;
  std::size_t trailers_ = 0;  // Bytes.
  int hosts_ = 0;
  int lengths_ = 0;
  const char* why_ = nullptr;
  int status_ = 400;
  // While chunks are read:
  std::string* body_ = nullptr;
  const Admit* admit_ = nullptr;
  std::optional<Reply> refused_;
};

RequestReader::RequestReader() = default;
RequestReader::~RequestReader() = default;

RequestReader::Header RequestReader::read_header(std::string_view bytes, Request& request) {
  if (!parser_ || parser_->is_header_done()) parser_ = std::make_unique<Parser>(request);
  auto& lines = parser_->lines;
  const auto size = lines.find_end(bytes.substr(0, max_header));
  if (lines.fault() != nullptr)
    return {bytes.size(), refusal(400, std::string("malformed request: ") + lines.fault())};
  if (size > 0) return {size, parser_->read_header(bytes.substr(0, size))};
  if (bytes.size() >= max_header)
    return {bytes.size(), lines.has_request_line()
                              ? refusal(431, "the header is larger than 32 KiB")
                              : refusal(414, "the target is larger than 32 KiB")};
  // Such as the first byte of TLS.
  if (!bytes.empty() && (is_control(bytes[0]) || bytes[0] == ' '))
    return {bytes.size(), refusal(400, "malformed request: it does not begin with a method")};
  return {};
}

After RequestReader::after() const {
  return parser_->after();
}

bool RequestReader::is_chunked() const {
  return parser_->chunked();
}

std::uint64_t RequestReader::content_length() const {
  return parser_->content_length().value_or(0);
}

bool RequestReader::expects_continue() const {
  return parser_->expects_continue();
}

RequestReader::Chunks RequestReader::read_chunks(std::string_view bytes, std::string& body,
                                                 const Admit& admit) {
  return parser_->read_chunks(bytes, body, admit);
}

namespace {

/// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
std::string_view date_now() {
  thread_local std::time_t made = 0;
  thread_local std::array<char, 32> text{};
  thread_local std::size_t size = 0;
  const auto now = std::time(nullptr);
  if (now != made) {
    made = now;
    std::tm parts{};
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT",
                         gmtime_r(&made, &parts));
  }
  return {text.data(), size};
}

void add_header(std::string& head, std::string_view name, std::string_view value) {
  if (has_control(name) || has_control(value)) return;  // It would be more than one header.
  head.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

void write_head(std::string& head, const Reply& reply, After after) {
  const auto status = static_cast<unsigned>(reply.status);
  head = "HTTP/1.1 ";
  head.append(std::to_string(status)).append(" ");
  head.append(view(beast::obsolete_reason(beast::int_to_status(status)))).append("\r\n");
  add_header(head, "Date", date_now());
  // Source: RFC 9110, section 8.6.
  if (status != 204) add_header(head, "Content-Length", std::to_string(reply.body.size()));
  if (!reply.content_type.empty()) add_header(head, "Content-Type", reply.content_type);
  for (const auto& [name, value] : reply.headers)
    if (name != "Connection") add_header(head, name, value);
  if (after == After::end) add_header(head, "Connection", "close");
  if (after == After::next_request_of_http_1_0) add_header(head, "Connection", "keep-alive");
  head.append("\r\n");
}

}  // namespace metactl::http
