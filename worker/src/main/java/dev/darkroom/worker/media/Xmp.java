package dev.darkroom.worker.media;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// An XMP packet (ISO 16684-1): metadata as RDF, which every picture format of this package
/// carries.
///
/// @param software what made the picture
/// @param description what it shows; absent where the format says it elsewhere
/// @param job JSON that makes it again; absent where the format says it elsewhere
record Xmp(String software, @Nullable String description, @Nullable String job) {
    /// IPTC's digital source type of media that a model made, from the vocabulary
    /// `cv.iptc.org/newscodes/digitalsourcetype`.
    private static final String TRAINED_ALGORITHMIC_MEDIA =
            "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    /// The packet, with the marks by which scanners find it.
    String packet() {
        return """
        <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
        %s
        <?xpacket end="r"?>\
        """
                .formatted(document(""));
    }

    /// The packet without its marks, as an extension of another holds it.
    byte[] extension() {
        return document("").getBytes(StandardCharsets.UTF_8);
    }

    /// A packet that leaves what is long to an extension.
    ///
    /// @param digest of the extension: MD5, in capital hexadecimal digits
    String packetExtendedBy(String digest) {
        String note =
                """

                        xmlns:xmpNote="http://ns.adobe.com/xmp/note/"
                        xmpNote:HasExtendedXMP="%s"\
                """
                        .formatted(digest);
        return """
        <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
        %s
        <?xpacket end="r"?>\
        """
                .formatted(new Xmp(software, null, null).document(note));
    }

    private String document(String note) {
        return """
        <x:xmpmeta xmlns:x="adobe:ns:meta/">
          <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about=""
                xmlns:xmp="http://ns.adobe.com/xap/1.0/"
                xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"%s
                xmp:CreatorTool="%s"
                Iptc4xmpExt:DigitalSourceType="%s"%s
          </rdf:RDF>
        </x:xmpmeta>\
        """
                .formatted(note, escaped(software), TRAINED_ALGORITHMIC_MEDIA, properties());
    }

    /// The end of the description: at once, or after what is worth an element.
    private String properties() {
        StringBuilder elements = new StringBuilder();
        if (description != null && !description.isEmpty()) {
            elements.append(
                    """

                          <dc:description xmlns:dc="http://purl.org/dc/elements/1.1/">
                            <rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt>
                          </dc:description>\
                    """
                            .formatted(escaped(description)));
        }
        if (job != null) {
            elements.append(
                    """

                          <darkroom:job xmlns:darkroom="https://darkroom.dev/ns/1.0/">%s</darkroom:job>\
                    """
                            .formatted(escaped(job)));
        }
        return elements.isEmpty() ? "/>" : ">" + elements + "\n    </rdf:Description>";
    }

    /// Text for XML: marked characters as entities, and a space for what XML 1.0 cannot hold.
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints()
                .forEach(point -> {
                    switch (point) {
                        case '&' -> escaped.append("&amp;");
                        case '<' -> escaped.append("&lt;");
                        case '>' -> escaped.append("&gt;");
                        case '"' -> escaped.append("&quot;");
                        case '\r' -> escaped.append("&#13;");
                        default -> escaped.appendCodePoint(legal(point) ? point : ' ');
                    }
                });
        return escaped.toString();
    }

    private static boolean legal(int point) {
        return point == '\t'
                || point == '\n'
                || (point >= 0x20 && point <= 0xD7FF)
                || (point >= 0xE000 && point <= 0xFFFD)
                || point >= 0x10000;
    }
}
