package dev.darkroom.worker.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// An HTTP server with three pages for whoever runs the worker:
///
/// | path | answer |
/// |---|---|
/// | `/health/live` | 200 while the process serves; 503 when only a new process can help |
/// | `/health/ready` | 200 when jobs are taken; 503 with what is missing |
/// | `/metrics` | Prometheus' text format |
public final class OperatorPort implements AutoCloseable {
    private static final String JSON = "application/json";
    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final Vertx vertx;
    private final Pages pages;
    private final HttpServer server;

    /// What the pages show. Each is called for each request, on a thread that may block, but for
    /// the first.
    ///
    /// @param dead why the process should be replaced; empty: it lives. Must not block: a process
    ///   that waits for something is not dead
    /// @param missing what keeps it from taking jobs; empty: it is ready
    /// @param metrics all of them in Prometheus' text format
    public record Pages(
            Supplier<List<String>> dead,
            Supplier<List<String>> missing,
            Supplier<String> metrics) {}

    private OperatorPort(Vertx vertx, Pages pages) {
        this.vertx = vertx;
        this.pages = pages;
        this.server = vertx.createHttpServer(new HttpServerOptions());
    }

    /// Listens at once.
    ///
    /// @param port 0: any free one
    /// @throws IllegalStateException when the address is taken or not this host's
    public static OperatorPort open(Vertx vertx, String host, int port, Pages pages) {
        OperatorPort opened = new OperatorPort(vertx, pages);
        Router router = Router.router(vertx);
        router.get("/health/live").handler(opened::live);
        router.get("/health/ready").handler(opened::ready);
        router.get("/metrics").handler(opened::metrics);
        try {
            opened.server
                    .requestHandler(router)
                    .listen(port, host)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new IllegalStateException(
                    "http: cannot listen on "
                            + host
                            + ":"
                            + port
                            + " ("
                            + e.getMessage()
                            + "); set http.host and http.port to a free address",
                    e);
        }
        return opened;
    }

    /// The port that is listened on.
    public int port() {
        return server.actualPort();
    }

    /// Stops listening, within a few seconds. Closing again does nothing.
    @Override
    public void close() {
        server.close()
                .toCompletionStage()
                .toCompletableFuture()
                .completeOnTimeout(null, 5, TimeUnit.SECONDS)
                .join();
    }

    private void live(RoutingContext request) {
        answer(request, pages.dead().get(), "alive");
    }

    private void ready(RoutingContext request) {
        vertx.executeBlocking(pages.missing()::get, false)
                .onSuccess(missing -> answer(request, missing, "ready"))
                .onFailure(request::fail);
    }

    private static void answer(RoutingContext request, List<String> problems, String good) {
        JsonObject body =
                new JsonObject()
                        .put("status", problems.isEmpty() ? good : "not " + good)
                        .put("missing", new JsonArray(List.copyOf(problems)));
        // Nobody may listen any more, which is no error here.
        var _ =
                request.response()
                        .setStatusCode(problems.isEmpty() ? 200 : 503)
                        .putHeader("content-type", JSON)
                        .end(body.encode());
    }

    private void metrics(RoutingContext request) {
        vertx.executeBlocking(pages.metrics()::get, false)
                .onSuccess(
                        text -> request.response().putHeader("content-type", PROMETHEUS).end(text))
                .onFailure(request::fail);
    }
}
