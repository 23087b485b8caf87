// SPDX-License-Identifier: Apache-2.0
// metactl serve: the local state behind HTTP.
#include "commands/commands.h"

namespace metactl::commands {
namespace {

void run(cli::Session& session, const cli::ServeOptions& options) {
  if (session.is_remote())
    throw Error(Reason::usage, "serve works on a local state, not on a server", "--state FILE");
  session.refuse_dry_run();
  session.services().serve(session.io(), session.connection(), options, session.globals().verbose);
}

}  // namespace

void add_serve_command(cli::Tree& tree) {
  tree.command<cli::ServeOptions>("serve", "Put the local state behind HTTP, as its services do",
                                  run)
      .option("--service", &cli::ServeOptions::service,
              "all (default): a Meta Service, a memory broker, a qluster and a node_mgr behind one "
              "port; or one of them",
              "all|meta|broker|qluster|nodemgr")
      .option("--listen", &cli::ServeOptions::listen,
              "Default 127.0.0.1:5000; alone a broker has 127.0.0.1:7799, a qluster "
              "127.0.0.1:8080, a node_mgr 127.0.0.1:9998; port 0 picks a free one",
              "ADDRESS:PORT")
      .flag("--open-to-network", &cli::ServeOptions::open_to_network,
            "Serve what asks for no token, such as a qluster, on other addresses than loopback "
            "too: whoever reaches the port may change everything")
      .option("--allow-host", &cli::ServeOptions::allowed_hosts,
              "Host name by which clients of services without a token reach this server, beside "
              "localhost and its address (repeatable)",
              "NAME")
      .option("--fe-drop-protection", &cli::ServeOptions::fe_drop_protection,
              "Refuse to drop an FE node that is younger; default 0, the real service has 300s",
              "TIME")
      .option("--unknown-route", &cli::ServeOptions::unknown_route,
              "Answer to a call that does not exist: 404 (default), or ok as older services do",
              "404|ok")
      .flag("--open-rpc", &cli::ServeOptions::open_rpc,
            "Answer calls under /MetaService/<method>, such as begin_txn, without a token; the "
            "real service has none there")
      .flag("--allow-set-value", &cli::ServeOptions::allow_set_value,
            "Run set_value and delete_value, which write whatever they are told; else they are "
            "refused")
      .option("--broker-token", &cli::ServeOptions::broker_token_file,
              "File with a token that the broker asks for, as token=TEXT in the query or as "
              "Authorization: Bearer; real brokers have none, so that coordinators send none",
              "FILE")
      .option("--broker-failure-ttl", &cli::ServeOptions::failure_ttl,
              "How long a report of a failed proxy counts; default 60s", "TIME")
      .option("--broker-failure-quorum", &cli::ServeOptions::failure_quorum,
              "Reporters that make a failure; default 1", "NUMBER")
      .option("--broker-migration-limit", &cli::ServeOptions::migration_limit,
              "Migrations of slots that a cluster does at a time; default 1, 0 is all", "NUMBER")
      .flag("--broker-ordered", &cli::ServeOptions::ordered,
            "Begin in ordered mode, in which proxies are taken by their index; once the broker has "
            "stored something, its state says which mode it is in")
      .flag("--broker-ask-proxies", &cli::ServeOptions::ask_proxies,
            "Ask proxies for their epochs where the real broker does: scaling out waits for those "
            "of the cluster, epoch recover asks all. Else none is ever asked")
      .option("--broker-sync-interval", &cli::ServeOptions::sync_interval,
              "Time between two copies of the metadata to the replicas in `broker config`; default "
              "0, none",
              "TIME")
      .flag("--allow-shell", &cli::ServeOptions::allow_shell,
            "Let node_mgr's mysql_cmd and pgsql_cmd start and stop its simulated nodes; else they "
            "are refused. Nothing is executed in either case")
      .option(
          "--upload-quota", &cli::ServeOptions::upload_quota,
          "Largest size of all files together that node_mgr is sent; 0 keeps none (default: 1G)",
          "SIZE")
      .details(
          "The broker asks for no token, as real ones do not: whoever reaches the port may\n"
          "change its clusters. Listen on another address than 127.0.0.1 only where that is\n"
          "wanted, or give it --broker-token. Nor do a qluster and a node_mgr: they are not\n"
          "served on other addresses without --open-to-network.\n"
          "\n"
          "Where no token is asked for, web pages of other sites are refused (403): the Host of a\n"
          "request must be localhost, an address of this server or a name given by --allow-host,\n"
          "and Origin and Sec-Fetch-Site must not name another site.\n"
          "\n"
          "A state that has no qluster or no node_mgr yet gets them at the start, when they are\n"
          "served: a qluster of one node, and the sample machine of node_mgr's README.\n"
          "\n"
          "A node_mgr shares the port with the others: it gets GET of / and /hello, and POST of /\n"
          "with a job or a file; served alone it takes them under any path. Files that it is sent\n"
          "are kept beside the state, in STATE.files, up to --upload-quota and 1,000 files.")
      .example("metactl serve --service broker --broker-migration-limit 2")
      .example("metactl serve --service qluster")
      .example("metactl serve --service nodemgr --allow-shell")
      .example("metactl serve --state /var/lib/metactl/state.db --token-file token");
}

}  // namespace metactl::commands
