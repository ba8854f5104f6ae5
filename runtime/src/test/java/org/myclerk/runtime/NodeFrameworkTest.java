package org.myclerk.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NodeFrameworkTest {

    @Test
    void namesThePackageAtTheRootOfTheChain() {
        assertEquals("org.b needs the package com.lib, which no bundle here offers in version 1.2.0 or newer",
                NodeFramework.missing("org.a", "Unable to resolve org.a [7](R 7.0): missing requirement "
                        + "[org.a [7](R 7.0)] osgi.wiring.package; "
                        + "(&(osgi.wiring.package=org.b)(version>=1.0.0)(!(version>=2.0.0))) "
                        + "[caused by: Unable to resolve org.b [8](R 8.0): missing requirement "
                        + "[org.b [8](R 8.0)] osgi.wiring.package; "
                        + "(&(osgi.wiring.package=com.lib)(version>=1.2.0)(!(version>=2.0.0)))] "
                        + "Unresolved requirements: [[org.a [7](R 7.0)] osgi.wiring.package; "
                        + "(osgi.wiring.package=org.b)]"));
    }

    @Test
    void namesACapability() {
        assertEquals("org.a needs org.myclerk.operation 1, which no bundle here offers",
                NodeFramework.missing("org.a", "Unable to resolve org.a [7](R 7.0): missing requirement "
                        + "[org.a [7](R 7.0)] org.myclerk.operation; (org.myclerk.operation=1) "
                        + "Unresolved requirements: [[org.a [7](R 7.0)] org.myclerk.operation; "
                        + "(org.myclerk.operation=1)]"));
    }

    @Test
    void saysWhatTheResolverSaysIfThatIsOfAnotherForm() {
        assertEquals("org.a does not resolve: out of luck", NodeFramework.missing("org.a", "out of luck"));
    }
}
