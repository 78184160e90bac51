"""Packaging of SMStoB.

``package_dir={"": "."}`` makes an editable install write a plain path file: ``twisted.plugin``
does not see packages behind an import hook.
"""

from setuptools import find_namespace_packages, setup

setup(
    name="smstob",
    version="0.1.0",
    description="Send SMS from a computer on a prepaid account: one Twisted daemon",
    python_requires=">=3.11",
    package_dir={"": "."},
    packages=[
        *find_namespace_packages(include=["smstob", "smstob.*", "gateways", "gateways.*", "payments", "txsmpp"]),
        "twisted.plugins",
    ],
    package_data={
        "smstob.billing": ["fonts/*"],
        "smstob.storage.migrations": ["*.mako"],
        "smstob.couriers.mail": ["templates/*"],
        "smstob.desktop": ["*.txt"],
        "smstob.channels.web": ["templates/**", "static/**", "locales/*", "programs/*"],
    },
    install_requires=[
        "twisted[tls]>=26.4",
        "klein>=24.8",
        "zope.interface>=7.2",
        "attrs>=25.3",
        "sqlalchemy>=2.1",
        "alembic>=1.18",
        "argon2-cffi>=25.1",
        "phonenumberslite>=9.0.40",
        "multipart>=1.2",
        "tzdata>=2026.1",
        "jinja2>=3.1",
        "babel>=2.17",
        "pyotp>=2.9",
        "segno>=1.6",
        "python-stdnum>=2.1",
        "fpdf2>=2.8.4",
        "factur-x>=7.0",
        "stripe>=16.0",
        "python-calamine>=0.6",
        "lxml>=6.0",
        "dkimpy[ed25519]>=1.1.8",
        "pyspf>=2.0.14",
        "dnspython[idna]>=2.7",
        "idna>=3.7",
        "publicsuffixlist>=1.0.2",
        "pyserial>=3.5",
    ],
    extras_require={
        "postgresql": ["psycopg[binary]>=3.3"],
        "test": [
            "pytest>=9.0",
            "pytest-twisted>=1.14.3",
            "pytest-xdist>=3.8",
            "hypothesis>=6.150",
            "gsm0338>=1.1",
            "smpp34>=1.5",
            "smspdudecoder==2.2.0",
            "bitstring<5",
            "psycopg[binary]>=3.3",
            "mypy>=1.19",
            "mypy-zope>=1.0.14",
            "ruff>=0.14",
            "lxml-stubs>=0.5.1",
            "openpyxl>=3.1",
            "playwright>=1.55",
            "types-openpyxl>=3.1",
            "types-pyserial>=3.5",
            "saxonche>=12.8",
        ],
    },
    entry_points={"console_scripts": ["smstob = smstob.admin.command:main"]},
    zip_safe=False,
)
