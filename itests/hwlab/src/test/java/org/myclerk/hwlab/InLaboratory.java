package org.myclerk.hwlab;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/** A test that needs the laboratory's kernel and its devices. */
@EnabledIfEnvironmentVariable(named = "LAB", matches = "uml",
        disabledReason = "needs the laboratory's kernel: mvn -Phwlab verify")
@Timeout(value = 600, threadMode = ThreadMode.SEPARATE_THREAD)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@interface InLaboratory {
}
