package dev.darkroom.worker.config;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// Which properties of another library are secrets, by their names.
public final class Masking {
    private Masking() {}

    /// The value, or the mask when the property's name says that it is a secret.
    public static String shown(String property, String value) {
        String name = property.toLowerCase(Locale.ROOT);
        boolean secret =
                name.contains("password")
                        || name.contains("secret")
                        || name.contains("jaas")
                        || name.contains("token")
                        || name.endsWith(".key")
                        || name.contains("keystore.key")
                        || name.contains("credential");
        return secret ? Secret.MASK : value;
    }

    /// All of them, as they may be shown.
    public static Map<String, String> shown(Map<String, String> properties) {
        Map<String, String> shown = new TreeMap<>();
        properties.forEach((property, value) -> shown.put(property, shown(property, value)));
        return shown;
    }
}
