"""What makes a PDF an archived invoice with its data: the metadata of PDF/A-3 (ISO 19005-3) and Factur-X."""

from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

XML_NAME: Final = "factur-x.xml"
"""What the standard calls the file inside the file."""

CREATOR: Final = "SMStoB"

_PROPERTIES: Final = {
    "DocumentFileName": "The name of the embedded XML file",
    "DocumentType": "What the embedded file is: INVOICE",
    "Version": "The version of the standard that the embedded file follows",
    "ConformanceLevel": "The profile of the embedded file",
}

_PROPERTY: Final = """
       <rdf:li rdf:parseType="Resource">
        <pdfaProperty:name>{}</pdfaProperty:name>
        <pdfaProperty:valueType>Text</pdfaProperty:valueType>
        <pdfaProperty:category>external</pdfaProperty:category>
        <pdfaProperty:description>{}</pdfaProperty:description>
       </rdf:li>"""

_SCHEMA: Final = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"

_METADATA: Final = """<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
   <pdfaid:part>3</pdfaid:part>
   <pdfaid:conformance>B</pdfaid:conformance>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
   <xmp:CreatorTool>{creator}</xmp:CreatorTool>
   <xmp:CreateDate>{made}</xmp:CreateDate>
   <xmp:ModifyDate>{made}</xmp:ModifyDate>
  </rdf:Description>
  <rdf:Description rdf:about=""
    xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
    xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
    xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
   <pdfaExtension:schemas>
    <rdf:Bag>
     <rdf:li rdf:parseType="Resource">
      <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>
      <pdfaSchema:namespaceURI>{schema}</pdfaSchema:namespaceURI>
      <pdfaSchema:prefix>fx</pdfaSchema:prefix>
      <pdfaSchema:property><rdf:Seq>{properties}
      </rdf:Seq></pdfaSchema:property>
     </rdf:li>
    </rdf:Bag>
   </pdfaExtension:schemas>
  </rdf:Description>
  <rdf:Description rdf:about="" xmlns:fx="{schema}">
   <fx:DocumentType>INVOICE</fx:DocumentType>
   <fx:DocumentFileName>{file}</fx:DocumentFileName>
   <fx:Version>1.0</fx:Version>
   <fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>"""


def metadata(title: str, author: str, made: datetime) -> str:
    """The XMP of an invoice; ``title`` and ``author`` hold what XML can write."""
    return _METADATA.format(
        title=escape(title),
        author=escape(author),
        creator=CREATOR,
        made=made.isoformat(timespec="seconds"),
        schema=_SCHEMA,
        properties="".join(_PROPERTY.format(name, said) for name, said in _PROPERTIES.items()),
        file=XML_NAME,
    )
