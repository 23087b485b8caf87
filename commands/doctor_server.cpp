// SPDX-License-Identifier: Apache-2.0
// metactl doctor: what is asked of a server. Source: meta-service-api.md, section 1.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/crypto.h"
#include "base/shell_word.h"
#include "base/text.h"
#include "commands/doctor.h"
#include "commands/sick_server.h"
#include "http/curl_url.h"
#include "http/date.h"
#include "http/meta_probe.h"
#include "http/transport.h"

namespace metactl::commands {
namespace {

using std::chrono::milliseconds;

constexpr auto default_token = "greedisgood9999";  // Source: meta-service-api.md, section 10.
constexpr int timed_calls = 5;
constexpr std::int64_t allowed_skew_s = 30;

std::int64_t now_ms() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(since_epoch).count();
}

bool is_refusal(const http::Reply& reply) {
  return reply.status == 401 || reply.status == 403;
}

/// A server under examination.
class Patient {
 public:
  explicit Patient(const cli::Connection& connection)
      : token_(connection.token),
        server_(connection.server),
        transport_(connection.server, connection.timeout),
        url_(http::parse_server_url(connection.server)) {}

  struct Answer {
    http::Reply reply;
    std::chrono::duration<double, std::milli> time{};
    std::int64_t sent_ms = 0;
    std::int64_t received_ms = 0;
    std::optional<std::int64_t> date;
  };

  Answer ask(http::Request request, const std::string& token) {
    request.query = "token=" + text::query_encode(token);
    Answer answer;
    answer.sent_ms = now_ms();
    const auto start = std::chrono::steady_clock::now();
    answer.reply = transport_.send(request);
    http::refuse_redirect(answer.reply, server_, request.path);
    answer.time = std::chrono::steady_clock::now() - start;
    answer.received_ms = now_ms();
    answer.date = http::parse_date(std::string(answer.reply.header("Date")));
    return answer;
  }
  Answer ask(const http::Request& request) { return ask(request, token_); }
  /// Asks for a call that cannot exist, in place of `request`.
  Answer ask_impossible(const http::Request& request) {
    return ask(http::renamed(request, impossible_));
  }

  /// True when the service answers as to a call that cannot exist.
  bool is_unknown(const api::OperationInfo& operation, const http::Request& request) {
    const auto form = request.method + std::string(http::renamed(request, "").path) + request.body;
    if (!impossible_replies_.contains(form))
      impossible_replies_[form] = ask_impossible(request).reply;
    return http::same_reply(ask(request).reply, operation.name, impossible_replies_[form],
                            impossible_);
  }

  const http::ServerUrl& url() const { return url_; }
  const std::string& token() const { return token_; }

 private:
  const std::string token_;
  const std::string server_;
  http::CurlTransport transport_;
  const http::ServerUrl url_;
  const std::string impossible_ = "unknown_" + text::hex(crypto::random_bytes(8));
  std::map<std::string, http::Reply> impossible_replies_;
};

using api::Severity;

void check_encryption(const Patient& patient, Diagnosis& diagnosis) {
  ++diagnosis.checks;
  const auto& url = patient.url().shown;
  if (!url.starts_with("http://") || patient.url().loopback || patient.token().empty()) return;
  diagnosis.add({"plain-http", Severity::warning, diagnosis.service,
                 "the token goes through the network as plain text",
                 "name it as --server " + text::shell_word("https://" + url.substr(7))});
}

/// Whether the service takes any token, or the one that it has unless it is told another one.
void check_weak_token(Patient& patient, const http::Request& request, Diagnosis& diagnosis) {
  ++diagnosis.checks;
  const auto reply = patient.ask(request, default_token).reply;
  if (is_refusal(reply) || !http::is_envelope(reply)) return;
  const auto other = patient.ask(request, text::hex(crypto::random_bytes(8))).reply;
  const bool takes_any = reply.status == other.status && reply.body == other.body;
  diagnosis.add({takes_any ? "any-token" : "default-token", Severity::warning, diagnosis.service,
                 takes_any ? "it takes any token" : "it takes the token that everybody knows",
                 "give the service a token of its own: http_token in its configuration, or "
                 "--token-file of 'metactl serve'"});
}

/// True when the server is quick enough for all further questions.
bool check_speed(std::vector<Patient::Answer> answers, milliseconds slow, Diagnosis& diagnosis) {
  ++diagnosis.checks;
  const auto middle = answers.begin() + timed_calls / 2;
  std::nth_element(answers.begin(), middle, answers.end(),
                   [](const auto& a, const auto& b) { return a.time < b.time; });
  if (middle->time <= slow) return true;
  diagnosis.add(
      {"slow-server", Severity::warning, diagnosis.service,
       fmt::format("half of {} calls took {:.0f} ms and more, over {} ms; its routes were "
                   "not asked for",
                   timed_calls, middle->time.count(), slow.count()),
       "look at the network between, and at the load of the service and of its storage"});
  return false;
}

void check_clock(const std::vector<Patient::Answer>& answers, Diagnosis& diagnosis) {
  const auto& answer = *std::min_element(
      answers.begin(), answers.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
  if (!answer.date) return;
  ++diagnosis.checks;
  const auto skew = http::clock_skew(*answer.date, answer.sent_ms, answer.received_ms);
  if (std::abs(skew) <= allowed_skew_s) return;
  diagnosis.add({"clock-skew", Severity::warning, diagnosis.service,
                 fmt::format("its clock is {} s {} the one of this machine", std::abs(skew),
                             skew > 0 ? "ahead of" : "behind"),
                 "timedatectl set-ntp true, on the machine that is wrong"});
}

/// False when there is no call that the server knows.
bool check_routes(Patient& patient, Diagnosis& diagnosis) {
  std::vector<std::string> unknown;
  std::vector<std::string> extensions;
  int asked = 0;
  for (const auto& operation : api::meta_operations) {
    const auto request = http::harmless_request(operation);
    if (!request) continue;
    const bool is_extension = operation.info->extension;
    asked += is_extension ? 0 : 1;
    if (patient.is_unknown(*operation.info, *request))
      (is_extension ? extensions : unknown).emplace_back(operation.info->name);
  }
  diagnosis.checks += asked;
  if (unknown.size() == static_cast<std::size_t>(asked)) return false;
  for (const auto& name : unknown)
    diagnosis.add({"unknown-route", Severity::warning, "route/" + name,
                   "the server does not know this call", "update the service"});
  if (!extensions.empty())
    diagnosis.add({"no-extensions", Severity::info, diagnosis.service,
                   fmt::format("it is no metactl serve: no {}", text::join(extensions, ", ")), ""});
  return true;
}

/// A server that answers every call, even one that does not exist, by this reply.
api::Finding what_answers(const cli::Session& session, const http::Reply& reply) {
  const auto text = http::reply_text(reply);
  if (reply.status >= 500)
    return sick_server(session, fmt::format("it answers every call with {}", text));
  return {"no-meta-service", Severity::error, service_object(session),
          fmt::format("it answers every call as one that does not exist: {}", text),
          "name the server and port of a meta service: --server http://HOST:PORT"};
}

void examine(cli::Session& session, Patient& patient, milliseconds slow, Diagnosis& diagnosis) {
  check_encryption(patient, diagnosis);
  ++diagnosis.checks;  // That it answers.
  const auto request = http::harmless_request(api::any(api::get_instance)).value();
  std::vector<Patient::Answer> answers = {patient.ask_impossible(request)};
  if (is_refusal(answers.front().reply))
    throw Error(Reason::denied, "the server refused the token", "metactl doctor --token-file FILE");
  while (answers.size() < timed_calls) answers.push_back(patient.ask_impossible(request));
  check_clock(answers, diagnosis);
  const auto sickness = find_sickness(session);
  ++diagnosis.checks;
  if (!sickness) check_weak_token(patient, request, diagnosis);
  const bool is_quick = check_speed(answers, slow, diagnosis);
  const bool knows_none = is_quick && !check_routes(patient, diagnosis);
  if (knows_none)
    diagnosis.add(what_answers(session, answers.front().reply));
  else if (sickness)
    diagnosis.add(*sickness);
  diagnosis.is_sick = knows_none || sickness;
}

}  // namespace

void check_server(cli::Session& session, milliseconds slow, Diagnosis& diagnosis) {
  Patient patient(session.connection());
  try {
    examine(session, patient, slow, diagnosis);
  } catch (const Error& error) {
    if (error.reason() == Reason::unreachable || error.reason() == Reason::denied)
      return diagnosis.add_failure(error, diagnosis.service);
    diagnosis.is_sick = true;  // Whatever answers there, it speaks no HTTP.
    diagnosis.add(sick_server(session, error.what()));
  }
}

}  // namespace metactl::commands
