package dev.darkroom.worker.media;

import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How a picture must be turned before it is looked at: the Exif tag `Orientation`, 1 to 8. As in
/// Pillow's `ImageOps.exif_transpose`, XMP's `tiff:Orientation` counts where Exif has none.
enum Orientation {
    UPRIGHT,
    MIRRORED,
    UPSIDE_DOWN,
    FLIPPED,
    TRANSPOSED,
    LYING_LEFT,
    TRANSVERSED,
    LYING_RIGHT;

    private static final Pattern IN_XMP = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

    /// What a file's metadata says; upright when it says nothing, or nothing known.
    static Orientation of(byte @Nullable [] exif, byte @Nullable [] xmp) {
        OptionalInt tag = exif == null ? OptionalInt.empty() : Exif.orientation(exif);
        if (tag.isEmpty() && xmp != null) {
            Matcher matcher = IN_XMP.matcher(new String(xmp, StandardCharsets.ISO_8859_1));
            if (matcher.find()) {
                tag = OptionalInt.of(Integer.parseInt(matcher.group(1)));
            }
        }
        int number = tag.orElse(1);
        return number >= 1 && number <= values().length ? values()[number - 1] : UPRIGHT;
    }

    /// The picture as it is to be seen.
    Picture apply(Picture picture) {
        if (this == UPRIGHT) {
            return picture;
        }
        int right = picture.width() - 1;
        int bottom = picture.height() - 1;
        boolean turned = compareTo(TRANSPOSED) >= 0;
        int width = turned ? picture.height() : picture.width();
        int height = turned ? picture.width() : picture.height();
        int channels = picture.channels();
        byte[] from = picture.levels();
        byte[] to = new byte[from.length];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int source =
                        switch (this) {
                            case UPRIGHT -> at(picture, x, y);
                            case MIRRORED -> at(picture, right - x, y);
                            case UPSIDE_DOWN -> at(picture, right - x, bottom - y);
                            case FLIPPED -> at(picture, x, bottom - y);
                            case TRANSPOSED -> at(picture, y, x);
                            case LYING_LEFT -> at(picture, y, bottom - x);
                            case TRANSVERSED -> at(picture, right - y, bottom - x);
                            case LYING_RIGHT -> at(picture, right - y, x);
                        };
                System.arraycopy(from, source, to, (y * width + x) * channels, channels);
            }
        }
        return new Picture(width, height, channels, to);
    }

    private static int at(Picture picture, int x, int y) {
        return (y * picture.width() + x) * picture.channels();
    }
}
