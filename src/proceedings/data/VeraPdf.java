import java.io.File;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.LogManager;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.Rule;
import org.verapdf.pdfa.validation.profiles.RuleId;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;
import org.verapdf.pdfa.validation.profiles.Variable;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Validates PDF files with the veraPDF engine. The profiles are read with the parser of the Java runtime,
 * because the jar has no JAXB implementation to read them with.
 *
 * Arguments: profiles joined by commas (ua1,2a), then files. One line for each file and profile, and one for each
 * rule that fails, fields parted by tabs:
 *   checked  profile  file  assertions
 *   failed   profile  file  rule  occurrences  message  place of the first
 *   error    profile  file  message
 */
public final class VeraPdf {
  public static void main(String[] arguments) throws Exception {
    LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    for (String name : arguments[0].split(",")) {
      PDFAFlavour flavour = PDFAFlavour.byFlavourId(name);
      ValidationProfile profile = profile(flavour, name);
      for (int i = 1; i < arguments.length; i++) {
        try {
          validate(flavour, profile, name, arguments[i]);
        } catch (Exception | StackOverflowError problem) {
          print("error", name, arguments[i], String.valueOf(problem));
        }
      }
    }
  }

  private static void validate(PDFAFlavour flavour, ValidationProfile profile, String name, String file)
      throws Exception {
    try (PDFAParser parser = Foundries.defaultInstance().createParser(new File(file), flavour);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(profile, -1, false, false, false)) {
      ValidationResult result = validator.validate(parser);
      Map<String, List<TestAssertion>> failed = new LinkedHashMap<>();
      for (TestAssertion assertion : result.getTestAssertions()) {
        if (assertion.getStatus() == TestAssertion.Status.FAILED) {
          RuleId rule = assertion.getRuleId();
          String key = rule.getClause() + "-" + rule.getTestNumber();
          failed.computeIfAbsent(key, unused -> new ArrayList<>()).add(assertion);
        }
      }
      for (Map.Entry<String, List<TestAssertion>> entry : failed.entrySet()) {
        TestAssertion first = entry.getValue().get(0);
        String count = String.valueOf(entry.getValue().size());
        print("failed", name, file, entry.getKey(), count, first.getMessage(), first.getLocation().getContext());
      }
      print("checked", name, file, String.valueOf(result.getTotalAssertions()));
    }
  }

  private static void print(String... fields) {
    for (int i = 0; i < fields.length; i++) {
      fields[i] = fields[i] == null ? "" : fields[i].replaceAll("\\s+", " ");
    }
    System.out.println(String.join("\t", fields));
  }

  private static ValidationProfile profile(PDFAFlavour flavour, String name) throws Exception {
    String file = name.startsWith("ua") ? "PDFUA-" + name.substring(2) : "PDFA-" + name.toUpperCase();
    String path = "org/verapdf/pdfa/validation/" + file + ".xml";
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    Element root;
    try (InputStream input = PDFAFlavour.class.getClassLoader().getResourceAsStream(path)) {
      root = factory.newDocumentBuilder().parse(input).getDocumentElement();
    }
    Set<Rule> rules = new LinkedHashSet<>();
    for (Element rule : children(root, "rule")) {
      rules.add(rule(rule));
    }
    Set<Variable> variables = new LinkedHashSet<>();
    for (Element variable : children(root, "variable")) {
      variables.add(Profiles.variableFromValues(variable.getAttribute("name"), variable.getAttribute("object"),
          text(variable, "defaultValue"), text(variable, "value")));
    }
    return Profiles.profileFromValues(flavour, Profiles.profileDetailsFromValues(file, "", "", new Date(0)), "",
        rules, variables);
  }

  private static Rule rule(Element rule) {
    Element id = children(rule, "id").get(0);
    RuleId number = Profiles.ruleIdFromValues(
        PDFAFlavour.Specification.valueOf(id.getAttribute("specification")), id.getAttribute("clause"),
        Integer.parseInt(id.getAttribute("testNumber")));
    String deferred = rule.getAttribute("deferred");
    String message = text(children(rule, "error").get(0), "message");
    return Profiles.ruleFromValues(number, rule.getAttribute("object"),
        deferred.isEmpty() ? null : Boolean.valueOf(deferred), rule.getAttribute("tags"), text(rule, "description"),
        text(rule, "test"), Profiles.errorFromValues(message, Collections.emptyList()), Collections.emptyList());
  }

  private static List<Element> children(Element parent, String name) {
    NodeList nodes = parent.getElementsByTagNameNS("*", name);
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      found.add((Element) nodes.item(i));
    }
    return found;
  }

  private static String text(Element parent, String name) {
    List<Element> found = children(parent, name);
    return found.isEmpty() ? "" : found.get(0).getTextContent();
  }
}
