package dev.darkroom.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.event.Artifact.StoredObject;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.JobId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArtifactsTest {
    private static final JobId JOB = new JobId("job-1");

    private final MemoryStore store = new MemoryStore();
    private final Artifacts artifacts = new Artifacts(store, "fleet/");

    @Test
    void firstOutcomeIsTheOutcome() {
        Manifest first = manifest(new Failed(header(), Failure.of(FailureCode.BUG, "broken")));
        Manifest second = manifest(new Cancelled(header(), "too late", 3, 20));
        assertThat(artifacts.manifest(JOB)).isEmpty();
        assertThat(artifacts.commit(JOB, first)).isEqualTo(first);
        assertThat(artifacts.commit(JOB, second)).isEqualTo(first);
        assertThat(artifacts.manifest(JOB)).contains(first);
    }

    @Test
    void manifestLiesWhereTheIdAloneSays() {
        artifacts.commit(JOB, manifest(new Cancelled(header(), "why not", 0, 0)));
        assertThat(store.objects).containsOnlyKeys("fleet/job-1/manifest.json");
        assertThat(artifacts.manifestUri(JOB)).isEqualTo("s3://bucket/fleet/job-1/manifest.json");
    }

    @Test
    void outputLiesUnderThePrefixOfItsSubmitterAndTheRunOfItsDelivery() {
        byte[] content = "abc".getBytes(StandardCharsets.UTF_8);
        Run run = new Run("campaign-7/", JOB, new RunId("0011"));
        StoredObject stored =
                artifacts.store(run, "output-0.png", content, "image/png", Map.of("seed", "42"));
        String key = "fleet/campaign-7/job-1/0011/output-0.png";
        // NIST FIPS 180-2, appendix B.1: the digest of "abc".
        String sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assertThat(stored)
                .isEqualTo(new StoredObject("s3://bucket/" + key, "image/png", 3, sha256));
        assertThat(store.get(key)).contains(content);
        assertThat(store.metadata.get(key))
                .containsExactlyInAnyOrderEntriesOf(Map.of("seed", "42", "sha256", sha256));
    }

    @Test
    void objectThatIsNoManifestIsNamedWithItsAddressAndARemedy() {
        store.put(
                "fleet/job-1/manifest.json",
                "{}".getBytes(StandardCharsets.UTF_8),
                "application/json",
                Map.of());
        assertThatThrownBy(() -> artifacts.manifest(JOB))
                .isInstanceOf(UnreadableManifestException.class)
                .hasMessageContaining("s3://bucket/fleet/job-1/manifest.json")
                .hasMessageContaining("manifestVersion is missing")
                .hasMessageContaining("remove it");
        assertThatThrownBy(() ->
                        artifacts.commit(JOB, manifest(new Cancelled(header(), "late", 0, 0))))
                .isInstanceOf(UnreadableManifestException.class);
    }

    @Test
    void refusesPrefixesThatDoNotEndInASlash() {
        assertThatThrownBy(() -> new Artifacts(store, "fleet")).hasMessageContaining("'fleet'");
        assertThatThrownBy(() -> new Run("campaign", JOB, new RunId("r1")))
                .hasMessageContaining("'campaign'");
    }

    @Test
    void refusesMetadataThatNoHeaderCanCarry() {
        assertThatThrownBy(() ->
                        artifacts.store(
                                new Run("", JOB, new RunId("r1")),
                                "output-0.png",
                                new byte[1],
                                "image/png",
                                Map.of("prompt", "ein Käfer")))
                .hasMessageContaining("prompt")
                .hasMessageContaining("ASCII");
    }

    private static Manifest manifest(Terminal terminal) {
        return new Manifest("sha256:" + "0".repeat(64), terminal);
    }

    private static EventHeader header() {
        Instant time = Instant.parse("2026-01-02T03:04:05.678Z");
        return new EventHeader(JOB, 1, 0, new RunId("r1"), 7, "worker-1", time, Map.of(), null);
    }
}
