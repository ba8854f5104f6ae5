package org.myclerk.api.operation;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.osgi.annotation.bundle.Attribute;
import org.osgi.annotation.bundle.Capability;
import org.osgi.service.component.annotations.ComponentPropertyType;

/**
 * Marks a handler component with the codes it answers for. Written once, it becomes the service properties
 * that core dispatches on and the bundle capability that a feature can require.
 */
@ComponentPropertyType
@Capability(namespace = OperationRange.NAMESPACE)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.CLASS)
public @interface OperationRange {

    String NAMESPACE = "org.myclerk.operation";

    String PREFIX_ = "myclerk.operation.";

    /** Service property with the table's name. */
    String NAME = PREFIX_ + "name";

    /** Service property with the lowest code. */
    String FIRST = PREFIX_ + "first";

    /** Service property with the highest code. */
    String LAST = PREFIX_ + "last";

    /**
     * Name of the table, as a person types it before the dot: {@code gpio}. A second bundle that serves a
     * table of that name is not installed.
     */
    @Attribute("name")
    String name() default "";

    /** Lowest code of the range, inclusive. */
    @Attribute("first")
    int first();

    /** Highest code of the range, inclusive. */
    @Attribute("last")
    int last();

    /**
     * Whether two versions of the bundle must not run at once, because it holds something for itself that the
     * other cannot have, such as a socket. Callers then wait while one is replaced by the other (decision
     * 55).
     */
    @Attribute("alone")
    boolean alone() default false;
}
