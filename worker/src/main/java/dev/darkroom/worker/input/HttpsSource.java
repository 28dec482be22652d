package dev.darkroom.worker.input;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.worker.storage.Body;
import dev.darkroom.worker.storage.BodyTooLargeException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/// Fetches `https://` inputs from hosts that are not trusted to point where they seem to.
///
/// A host's name is resolved once for each request, every address is judged, and the connection is
/// made to an address that was judged: a name that changes its mind in between leads nowhere else.
/// Redirects are not followed, proxies and cookies not used, answers not unpacked, and no
/// connection is kept for the next request. Certificates are checked against the trust of the
/// platform.
///
/// Safe for any thread; calls block and are meant for virtual threads.
public final class HttpsSource implements AutoCloseable {
    private static final Timeout CONNECT = Timeout.ofSeconds(5);
    private static final int CONNECTIONS = 64;

    /// The client's own limits are none.
    private static final Http1Config HEADERS =
            Http1Config.custom().setMaxHeaderCount(100).setMaxLineLength(16 * 1024).build();

    private static final int OK = 200;
    private static final int REDIRECT = 300;
    private static final int REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int GONE = 410;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final Names names;
    private final Duration download;
    private final CloseableHttpClient anywhere;
    private final CloseableHttpClient publicOnly;
    private final ScheduledExecutorService watch =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("input-watch").factory());

    /// How a host's name becomes addresses.
    @FunctionalInterface
    interface Names {
        /// All addresses of a host.
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /// A source with the names and the trust of the platform.
    ///
    /// @param download how long a file may take
    public static HttpsSource open(Duration download) {
        return new HttpsSource(download, InetAddress::getAllByName, null);
    }

    /// A source with names and trust of its own.
    ///
    /// @param trust absent: the platform's
    HttpsSource(Duration download, Names names, @Nullable SSLContext trust) {
        this.names = names;
        this.download = download;
        anywhere = client(this::all, trust);
        publicOnly = client(this::publicOnly, trust);
    }

    /// Which addresses a host may lead to.
    enum Reach {
        /// Public ones.
        PUBLIC,
        /// Any.
        ANYWHERE
    }

    /// A file.
    ///
    /// @param most bytes allowed
    /// @throws InputRefusedException `INPUT_NOT_FOUND`, `INPUT_REJECTED` or `LIMIT_EXCEEDED`
    /// @throws StoreUnavailableException when the host does not answer, or not well
    byte[] fetch(Location.Https location, Reach reach, int most) {
        HttpGet request = new HttpGet(location.uri());
        request.setHeader("Accept", "image/png, image/jpeg, image/webp, */*;q=0.1");
        CloseableHttpClient client =
                switch (reach) {
                    case PUBLIC -> publicOnly;
                    case ANYWHERE -> anywhere;
                };
        AtomicBoolean late = new AtomicBoolean();
        Future<?> alarm =
                watch.schedule(
                        () -> {
                            late.set(true);
                            request.cancel();
                        },
                        download.toNanos(),
                        TimeUnit.NANOSECONDS);
        try {
            return client.execute(request, response -> content(request, response, location, most));
        } catch (ForbiddenAddressException e) {
            throw new InputRefusedException(
                    FailureCode.INPUT_REJECTED,
                    "at a host that leads to " + e.kind,
                    "a host with public addresses only, unless the worker's setting"
                            + " inputs.privateHosts names it");
        } catch (SSLHandshakeException | SSLPeerUnverifiedException e) {
            throw new InputRefusedException(
                    FailureCode.INPUT_REJECTED,
                    "at a host that cannot prove who it is (" + e.getMessage() + ")",
                    "a host with a certificate that the worker trusts");
        } catch (IOException e) {
            String how = late.get() ? "took longer than " + download.toMillis() + " ms" : words(e);
            throw new StoreUnavailableException(
                    "The host " + location.host() + " does not answer: " + how, e);
        } finally {
            alarm.cancel(false);
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
        try {
            anywhere.close();
            publicOnly.close();
        } catch (IOException e) {
            throw new IllegalStateException("an HTTP client cannot be closed", e);
        }
    }

    private static byte[] content(
            HttpGet request, ClassicHttpResponse response, Location.Https location, int most)
            throws IOException {
        int status = response.getCode();
        HttpEntity entity = response.getEntity();
        if (status != OK || entity == null) {
            request.cancel();
            throw unexpected(status, location);
        }
        try {
            return Body.read(entity.getContent(), entity.getContentLength(), most);
        } catch (BodyTooLargeException e) {
            request.cancel();
            throw e;
        }
    }

    /// What went wrong, for people.
    private static String words(IOException e) {
        if (e instanceof UnknownHostException) {
            return "its name leads to no address";
        }
        String message = e.getMessage();
        return message == null ? "the connection broke" : message;
    }

    private static RuntimeException unexpected(int status, Location.Https location) {
        if (status >= SERVER_ERROR || status == REQUEST_TIMEOUT || status == TOO_MANY_REQUESTS) {
            return new StoreUnavailableException(
                    "The host " + location.host() + " answers with status " + status,
                    new IOException("status " + status));
        }
        if (status == NOT_FOUND || status == GONE) {
            return new InputRefusedException(
                    FailureCode.INPUT_NOT_FOUND,
                    "not there (status " + status + ")",
                    "a file that exists");
        }
        if (status >= REDIRECT && status < REQUEST) {
            return new InputRefusedException(
                    FailureCode.INPUT_REJECTED,
                    "a redirection (status " + status + "), which is not followed",
                    "the address of the file itself");
        }
        if (status < REDIRECT) {
            return new InputRefusedException(
                    FailureCode.INPUT_REJECTED,
                    "not given out whole (status " + status + ")",
                    "an address that gives out the file with status 200");
        }
        return new InputRefusedException(
                FailureCode.INPUT_REJECTED,
                "refused by its host (status " + status + ")",
                "an address that opens the file; a presigned one may have expired");
    }

    private static CloseableHttpClient client(Resolver resolver, @Nullable SSLContext trust) {
        DefaultClientTlsStrategy tls =
                trust == null
                        ? DefaultClientTlsStrategy.createDefault()
                        : new DefaultClientTlsStrategy(trust);
        return HttpClients.custom()
                .setConnectionManager(
                        PoolingHttpClientConnectionManagerBuilder.create()
                                .setDnsResolver(resolver)
                                .setTlsSocketStrategy(tls)
                                .setConnectionFactory(
                                        ManagedHttpClientConnectionFactory.builder()
                                                .http1Config(HEADERS)
                                                .build())
                                .setMaxConnTotal(CONNECTIONS)
                                .setMaxConnPerRoute(CONNECTIONS)
                                .setDefaultConnectionConfig(
                                        ConnectionConfig.custom()
                                                .setConnectTimeout(CONNECT)
                                                .setSocketTimeout(Timeout.ofSeconds(30))
                                                .build())
                                .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom()
                                .setRedirectsEnabled(false)
                                .setAuthenticationEnabled(false)
                                .build())
                .setConnectionReuseStrategy((_, _, _) -> false)
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableContentCompression()
                .disableAuthCaching()
                .setUserAgent("Darkroom")
                .build();
    }

    private InetAddress[] all(String host) throws UnknownHostException {
        return names.resolve(host);
    }

    private InetAddress[] publicOnly(String host) throws UnknownHostException {
        InetAddress[] addresses = names.resolve(host);
        for (InetAddress address : addresses) {
            Optional<String> kind = Reserved.kind(address);
            if (kind.isPresent()) {
                throw new ForbiddenAddressException(kind.get());
            }
        }
        return addresses;
    }

    /// The client's view of [Names].
    @FunctionalInterface
    private interface Resolver extends DnsResolver {
        @Override
        default String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    /// A host leads to an address that it must not lead to.
    private static final class ForbiddenAddressException extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        private final String kind;

        ForbiddenAddressException(String kind) {
            super("leads to " + kind);
            this.kind = kind;
        }
    }
}
