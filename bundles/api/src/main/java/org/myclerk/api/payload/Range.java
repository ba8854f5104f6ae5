package org.myclerk.api.payload;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Bounds a number, both ends inclusive. On a list it bounds the elements. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface Range {

    long min() default 0;

    long max() default Long.MAX_VALUE;
}
