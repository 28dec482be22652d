package dev.darkroom.worker.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.jpeg.JPEGImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/// Writes JPEG files (ITU-T T.81, JFIF): 8 bits per channel, colour as YCbCr with chroma at full
/// resolution (4:4:4), or grey. The platform's library codes the picture; the quality is the scale
/// of the Independent JPEG Group's tables, as in most programs.
///
/// Chroma is not halved, as many writers do to save a fifth of the bytes: pictures of models are
/// often small and have hard edges of colour, which halving visibly smears.
final class Jpeg {
    /// The greatest side that the format has.
    static final int SIDE = 65_500;

    private static final String TREE = "javax_imageio_jpeg_image_1.0";
    private static final int START_OF_IMAGE = 0xD8;
    private static final int APP1 = 0xE1;

    /// What a segment holds besides its length.
    private static final int SEGMENT = 65_533;

    private static final byte[] XMP_MARK = mark("http://ns.adobe.com/xap/1.0/");
    private static final byte[] EXTENSION_MARK = mark("http://ns.adobe.com/xmp/extension/");

    private Jpeg() {}

    /// The file of a picture.
    ///
    /// @param quality 1 to 100
    /// @param exif a TIFF structure that fits a segment
    /// @param xmp split over several segments when it is long (XMP Specification part 3, section
    ///   1.1.3.1)
    static byte[] encode(Picture picture, int quality, byte[] exif, Xmp xmp) {
        byte[] coded = code(Rasters.image(picture), quality);
        ByteArrayOutputStream file = new ByteArrayOutputStream(coded.length + exif.length + 4096);
        // The first segment behind the start is JFIF's own; the others follow it.
        int head = 4 + (coded[4] & 0xFF) * 256 + (coded[5] & 0xFF);
        if ((coded[0] & 0xFF) != 0xFF
                || (coded[1] & 0xFF) != START_OF_IMAGE
                || (coded[3] & 0xFF) != 0xE0) {
            throw new IllegalStateException("the platform's JPEG does not begin with JFIF");
        }
        file.write(coded, 0, head);
        segment(file, Exif.PREFIX, exif);
        write(file, xmp);
        file.write(coded, head, coded.length - head);
        return file.toByteArray();
    }

    private static void write(ByteArrayOutputStream file, Xmp xmp) {
        byte[] packet = xmp.packet().getBytes(StandardCharsets.UTF_8);
        if (packet.length + XMP_MARK.length <= SEGMENT) {
            segment(file, XMP_MARK, packet);
            return;
        }
        byte[] extension = xmp.extension();
        String digest = md5(extension);
        segment(file, XMP_MARK, xmp.packetExtendedBy(digest).getBytes(StandardCharsets.UTF_8));
        int most = SEGMENT - EXTENSION_MARK.length - digest.length() - 8;
        for (int from = 0; from < extension.length; from += most) {
            byte[] part =
                    Arrays.copyOfRange(extension, from, Math.min(extension.length, from + most));
            ByteBuffer content = ByteBuffer.allocate(digest.length() + 8 + part.length);
            content.put(digest.getBytes(StandardCharsets.US_ASCII));
            content.putInt(extension.length).putInt(from).put(part);
            segment(file, EXTENSION_MARK, content.array());
        }
    }

    private static void segment(ByteArrayOutputStream file, byte[] mark, byte[] content) {
        int length = 2 + mark.length + content.length;
        file.write(0xFF);
        file.write(APP1);
        file.write(length >> 8);
        file.write(length);
        file.writeBytes(mark);
        file.writeBytes(content);
    }

    private static byte[] code(BufferedImage image, int quality) {
        ImageTypeSpecifier type = ImageTypeSpecifier.createFromRenderedImage(image);
        ImageWriter writer = ImageIO.getImageWriters(type, "jpeg").next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            JPEGImageWriteParam parameters = (JPEGImageWriteParam) writer.getDefaultWriteParam();
            parameters.setCompressionMode(JPEGImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality / 100f);
            parameters.setOptimizeHuffmanTables(true);
            IIOMetadata metadata = writer.getDefaultImageMetadata(type, parameters);
            keepChroma(metadata);
            writer.setOutput(out);
            writer.write(null, new IIOImage(image, null, metadata), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture could not be written to memory", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    /// Sets every component's sampling factors to one.
    private static void keepChroma(IIOMetadata metadata) throws IIOInvalidTreeException {
        Element tree = (Element) metadata.getAsTree(TREE);
        NodeList components = tree.getElementsByTagName("componentSpec");
        for (int i = 0; i < components.getLength(); i++) {
            Element component = (Element) components.item(i);
            component.setAttribute("HsamplingFactor", "1");
            component.setAttribute("VsamplingFactor", "1");
        }
        metadata.setFromTree(TREE, tree);
    }

    private static byte[] mark(String name) {
        return (name + '\0').getBytes(StandardCharsets.US_ASCII);
    }

    private static String md5(byte[] content) {
        try {
            return HexFormat.of()
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("MD5").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
