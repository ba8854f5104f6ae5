package org.myclerk.runtime.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.myclerk.api.payload.Shape;
import org.myclerk.api.payload.Shape.Field;
import org.myclerk.api.payload.Shape.Type;
import org.myclerk.api.payload.Shape.Value;

/** Gives the numbers in an answer the names that its shape has for them. */
final class Answer {

    private Answer() {
    }

    /** The same fields, enumerations by name. What the shape does not know stays as it is. */
    static Map<String, Object> named(Map<String, ?> answer, Shape shape) {
        return fields(answer, shape.fields());
    }

    private static Map<String, Object> fields(Map<?, ?> answer, List<Field> known) {
        Map<String, Object> result = new LinkedHashMap<>();
        answer.forEach((key, value) -> result.put((String) key, known.stream()
                .filter(field -> field.name().equals(key)).findFirst()
                .map(field -> value(value, field.type())).orElse(value)));
        return result;
    }

    private static Object value(Object value, Type type) {
        return switch (type.kind()) {
            case ENUM -> type.values().stream()
                    .filter(constant -> value instanceof Number number
                    && number.longValue() == constant.number())
                    .<Object>map(Value::name).findFirst().orElse(value);
            case LIST -> value instanceof List<?> list
                    ? list.stream().map(element -> value(element, type.element().orElseThrow())).toList()
                    : value;
            case MAP -> value instanceof Map<?, ?> map ? fields(map, type.fields()) : value;
            case BOOL, INTEGER, REAL, TEXT, BYTES, FREE -> value;
        };
    }
}
