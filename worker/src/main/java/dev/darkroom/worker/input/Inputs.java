package dev.darkroom.worker.input;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.media.Picture;
import dev.darkroom.worker.media.PictureLimits;
import dev.darkroom.worker.media.PictureRefusedException;
import dev.darkroom.worker.media.Pictures;
import dev.darkroom.worker.storage.BodyTooLargeException;
import dev.darkroom.worker.storage.ObjectReader;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.StoreRefusedException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Brings a job's inputs: fetches every file under the rules, and decodes it on the media threads.
///
/// Safe for any thread; calls block and are meant for a job's virtual thread.
public final class Inputs {
    private final InputRules rules;
    private final Sources sources;
    private final Patience patience;
    private final InstantSource clock;
    private final Executor media;

    /// Where inputs come from.
    ///
    /// @param objects `s3://`
    /// @param https `https://`
    public record Sources(ObjectReader objects, HttpsSource https) {}

    /// Inputs under these rules.
    ///
    /// @param patience how a source that is away is waited for
    /// @param media the threads that decode
    public Inputs(
            InputRules rules,
            Sources sources,
            Patience patience,
            InstantSource clock,
            Executor media) {
        this.rules = rules;
        this.sources = sources;
        this.patience = patience;
        this.clock = clock;
        this.media = media;
    }

    /// All inputs of a job; an address that is named twice is fetched once. Waits for the object
    /// store for as long as it takes, as every call to it does; for another host as long as the
    /// rules say.
    ///
    /// @param stopped whether to give up waiting
    /// @throws FailureException `INPUT_NOT_FOUND`, `INPUT_REJECTED` or `LIMIT_EXCEEDED` with every
    ///   input that cannot be taken; `STORAGE_UNAVAILABLE` when a host does not answer for too long
    /// @throws StoreUnavailableException once `stopped` says so
    public InputPictures resolve(Spec spec, BooleanSupplier stopped) throws InterruptedException {
        List<Violation> violations = rules.violations(spec);
        if (!violations.isEmpty()) {
            throw new FailureException(Failure.of(FailureCode.INPUT_REJECTED, violations));
        }
        Fetch fetch = new Fetch(stopped);
        for (Named input : Named.of(spec)) {
            fetch.take(input);
        }
        return fetch.pictures(Named.guides(spec));
    }

    /// One job's inputs on their way. Owned by the job's thread.
    private final class Fetch {
        private final BooleanSupplier stopped;
        private final Map<InputUri, InputPictures.Input> taken = new HashMap<>();
        private final List<Violation> violations = new ArrayList<>();
        private @Nullable FailureCode code;
        private long pixels;

        Fetch(BooleanSupplier stopped) {
            this.stopped = stopped;
        }

        void take(Named input) throws InterruptedException {
            if (taken.containsKey(input.uri())) {
                return;
            }
            try {
                byte[] file = fetch(input, Location.of(input.uri()));
                Picture picture = decode(file);
                pixels += picture.pixels();
                taken.put(input.uri(), new InputPictures.Input(input.uri(), sha256(file), picture));
            } catch (PictureRefusedException e) {
                refuse(input, e.code(), e.found(), e.legal() + beside(e.code()));
            } catch (InputRefusedException e) {
                refuse(input, e.code(), e.found(), e.legal());
            } catch (BodyTooLargeException e) {
                refuse(
                        input,
                        FailureCode.LIMIT_EXCEEDED,
                        e.length(),
                        "at most " + rules.sizes().bytes() + " bytes");
            } catch (StoreRefusedException e) {
                refuse(
                        input,
                        FailureCode.INPUT_NOT_FOUND,
                        "not readable (" + e.getMessage() + ")",
                        "an object that the worker may read");
            }
        }

        private byte[] fetch(Named input, Location location) throws InterruptedException {
            int most = rules.sizes().bytes();
            return switch (location) {
                case Location.S3Object(String bucket, String key) ->
                        patience.call(() -> sources.objects().read(bucket, key, most), stopped)
                                .orElseThrow(() ->
                                        new InputRefusedException(
                                                FailureCode.INPUT_NOT_FOUND,
                                                "not there",
                                                "an object that exists"));
                case Location.Https https -> fromHost(input, https, most);
            };
        }

        private byte[] fromHost(Named input, Location.Https https, int most)
                throws InterruptedException {
            HttpsSource.Reach reach =
                    rules.mayBePrivate(https)
                            ? HttpsSource.Reach.ANYWHERE
                            : HttpsSource.Reach.PUBLIC;
            Instant end = clock.instant().plus(rules.times().patience());
            BooleanSupplier over = () -> stopped.getAsBoolean() || !clock.instant().isBefore(end);
            try {
                return patience.call(() -> sources.https().fetch(https, reach, most), over);
            } catch (StoreUnavailableException e) {
                if (stopped.getAsBoolean()) {
                    throw e;
                }
                throw new FailureException(
                        Failure.of(
                                FailureCode.STORAGE_UNAVAILABLE,
                                input.field()
                                        + " is "
                                        + input.uri().shown()
                                        + ", which could not be fetched for "
                                        + rules.times().patience().toSeconds()
                                        + " s: "
                                        + e.getMessage()));
            }
        }

        private Picture decode(byte[] file) throws InterruptedException {
            PictureLimits limits =
                    new PictureLimits(rules.sizes().side(), rules.sizes().pixels() - pixels);
            try {
                return CompletableFuture.supplyAsync(() -> Pictures.decode(file, limits), media)
                        .get();
            } catch (ExecutionException e) {
                switch (e.getCause()) {
                    case RuntimeException known -> throw known;
                    case Error error -> throw error;
                    case null, default -> throw new IllegalStateException(e);
                }
            }
        }

        /// What the job's other inputs leave, when that is why this one is too large.
        private String beside(FailureCode refusal) {
            return refusal == FailureCode.LIMIT_EXCEEDED && pixels > 0
                    ? ", beside the " + pixels + " pixels of the job's other inputs"
                    : "";
        }

        private void refuse(Named input, FailureCode why, String found, String legal) {
            violations.add(new Violation(input.field(), input.uri().shown() + ", " + found, legal));
            if (code == null) {
                code = why;
            }
        }

        InputPictures pictures(Guides guides) {
            if (code != null) {
                throw new FailureException(Failure.of(code, violations));
            }
            return new InputPictures(
                    guides.init() == null ? null : taken.get(guides.init()),
                    guides.mask() == null ? null : taken.get(guides.mask()),
                    guides.control().stream()
                            .map(control -> Objects.requireNonNull(taken.get(control.image())))
                            .toList());
        }
    }

    private static String sha256(byte[] file) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
