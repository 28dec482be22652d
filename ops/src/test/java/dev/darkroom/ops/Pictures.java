package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.Artifact.StoredObject;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;

/// Outputs of jobs, and how near two of them are.
final class Pictures {
    /// The least share of values that must be within one level of eight bits where other batch
    /// sizes round differently: the batching tolerance.
    static final double BATCHING_TOLERANCE = 0.999;

    private Pictures() {}

    /// What a completed job stored. That every output is there with the length and the digest that
    /// the event states is asserted here.
    static List<byte[]> of(Fleet fleet, Terminal end) {
        List<byte[]> files = new ArrayList<>();
        for (Artifact artifact : ((Completed) end).artifacts()) {
            StoredObject object = ((Artifact.Stored) artifact).object();
            byte[] file = fleet.object(object);
            assertThat((long) file.length).isEqualTo(object.bytes());
            assertThat(sha256(file)).isEqualTo(object.sha256());
            files.add(file);
        }
        return files;
    }

    /// The least share, of any of the outputs, of values that are at most one level apart.
    static double share(List<byte[]> some, List<byte[]> others) {
        assertThat(some).hasSameSizeAs(others).isNotEmpty();
        double least = 1;
        for (int index = 0; index < some.size(); index++) {
            least = Math.min(least, share(decoded(some.get(index)), decoded(others.get(index))));
        }
        return least;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static double share(BufferedImage one, BufferedImage other) {
        assertThat(other.getWidth()).isEqualTo(one.getWidth());
        assertThat(other.getHeight()).isEqualTo(one.getHeight());
        int within = 0;
        int values = 0;
        for (int y = 0; y < one.getHeight(); y++) {
            for (int x = 0; x < one.getWidth(); x++) {
                for (int shift = 0; shift < 24; shift += 8) {
                    int left = one.getRGB(x, y) >> shift & 0xff;
                    int right = other.getRGB(x, y) >> shift & 0xff;
                    within += Math.abs(left - right) <= 1 ? 1 : 0;
                    values++;
                }
            }
        }
        return (double) within / values;
    }

    private static BufferedImage decoded(byte[] png) {
        try {
            return Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(png)), "no image");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
